// Projects from draft to purge, with real stores; and everybody who tries to cut the way short.
#include "govern/project_store.h"

#include <doctest/doctest.h>

#include "govern/audit_for_test.h"
#include "govern/directory_for_test.h"
#include "govern/permit_token.h"
#include "sqlite/sqlite.h"

namespace eds::govern {
namespace {

struct House {
  DirectoryForTest directory;
  Env& env = Env::posix();
  KeyRing keys;
  std::unique_ptr<AuditForTest> audit = std::make_unique<AuditForTest>();
  std::unique_ptr<RightsStore> rights;
  ProjectKeys project_keys;
  std::unique_ptr<ProjectStore> store;
  Author owner{0, "owner"};

  House()
      : keys(KeyRing::create(env, directory.at("keys")).value()),
        rights(RightsStore::open(env, *audit, directory.at("rights")).value()),
        project_keys(ProjectKeys::open(env, keys, directory.at("identity")).value()),
        store(ProjectStore::open(env, *audit, *rights, project_keys, directory.at("rights"))
                  .value()) {}

  Author person(const std::string& name) {
    return {rights->add_user(owner, name, "").value(), name};
  }
  Author officer(const std::string& name, Office office) {
    const Author author = person(name);
    REQUIRE(store->appoint(owner, author.user, office).ok());
    return author;
  }
  Project draft(const Author& requester, int study_type = 3) {
    Project project;
    project.name = "fractures";
    project.title = "Fractures du col du femur et vitamine D";
    project.summary = "Nous cherchons si une carence precede les fractures.";
    project.terms.project = "fractures";
    project.terms.study_type = study_type;
    project.terms.users = {requester.user};
    project.terms.perimeters = {kRootPerimeter};
    project.terms.tables = {{"person", {"year_of_birth"}, "age"}};
    project.terms.start_us = env.now_us() - kDayUs;
    project.terms.end_us = env.now_us() + kDayUs;
    return project;
  }
  Result<PermitState> take(const Author& author, ProjectStep step, Office office,
                           const std::string& note = {}) {
    return store->take(author, {"fractures", step, office, note, 2});
  }
};

/// A project on its way to Active, with the four persons who take it there.
struct Story {
  House house;
  Author requester = house.person("researcher");
  Author committee = house.officer("ethicist", Office::Committee);
  Author dpo = house.officer("dpo", Office::Dpo);
  Author direction = house.officer("director", Office::Direction);

  void activate() {
    REQUIRE(house.store->create(requester, house.draft(requester)).ok());
    REQUIRE(house.take(requester, ProjectStep::Submit, Office::Requester).ok());
    REQUIRE(house.take(committee, ProjectStep::Favourable, Office::Committee, "CSE-1").ok());
    REQUIRE(house.take(dpo, ProjectStep::DpoAgree, Office::Dpo).ok());
    REQUIRE(house.take(direction, ProjectStep::Approve, Office::Direction).ok());
    REQUIRE(house.take(requester, ProjectStep::Activate, Office::Requester).ok());
  }
};

}  // namespace

TEST_CASE("a project that everybody agrees to has a signed permit, and the rights follow it") {
  Story story;
  story.activate();
  const Permit permit = story.house.store->active_permit("fractures").value();
  CHECK(permit.opinion_reference == "CSE-1");
  CHECK(permit.users == std::vector<std::int64_t>{story.requester.user});
  const auto state = story.house.rights->state().value();
  REQUIRE(state->permits.size() == 1);
  CHECK(state->permits[0].state == PermitState::Active);
  CHECK(story.house.store->find("fractures")->steps.size() == 5);
  CHECK(story.house.take(story.dpo, ProjectStep::Suspend, Office::Dpo).ok());
  CHECK(story.house.rights->state().value()->permits[0].state == PermitState::Suspended);
  CHECK(story.house.store->active_permit("fractures").error().code == Code::Refused);
}

TEST_CASE("nobody takes a step in an office that is not theirs, and the refusal is audited") {
  Story story;
  REQUIRE(story.house.store->create(story.requester, story.house.draft(story.requester)).ok());
  REQUIRE(story.house.take(story.requester, ProjectStep::Submit, Office::Requester).ok());
  const std::size_t before = story.house.audit->events.size();
  CHECK(story.house.take(story.dpo, ProjectStep::Favourable, Office::Committee, "x").error().code ==
        Code::Refused);
  CHECK(story.house.take(story.house.owner, ProjectStep::Favourable, Office::Committee, "x")
            .error()
            .code == Code::Refused);
  CHECK(story.house.take(story.committee, ProjectStep::Withdraw, Office::Requester).error().code ==
        Code::Refused);
  CHECK(story.house.audit->events.size() == before + 3);
  CHECK(story.house.store->appoint(story.dpo, story.dpo.user, Office::Direction).error().code ==
        Code::Refused);
}

TEST_CASE("terms cannot change after submission, and a project lacking a field is not submitted") {
  Story story;
  Project draft = story.house.draft(story.requester);
  draft.terms.tables[0].justification.clear();
  REQUIRE(story.house.store->create(story.requester, draft).ok());
  CHECK(story.house.take(story.requester, ProjectStep::Submit, Office::Requester).error().code ==
        Code::Usage);
  draft.terms.tables[0].justification = "age";
  CHECK(story.house.store->edit(story.dpo, draft).error().code == Code::Refused);
  REQUIRE(story.house.store->edit(story.requester, draft).ok());
  REQUIRE(story.house.take(story.requester, ProjectStep::Submit, Office::Requester).ok());
  CHECK(story.house.store->edit(story.requester, draft).error().code == Code::Conflict);
  CHECK(
      story.house.take(story.committee, ProjectStep::Favourable, Office::Committee).error().code ==
      Code::Usage);  // Without its reference.
}

TEST_CASE("a permit widened behind the store's back is refused") {
  Story story;
  story.activate();
  Permit wider = story.house.rights->state().value()->permits[0];
  wider.users.push_back(story.dpo.user);
  REQUIRE(story.house.rights->put_permit(story.house.owner, wider).ok());
  CHECK(story.house.store->active_permit("fractures").error().code == Code::Refused);
}

TEST_CASE("a token edited in the database gives no permit") {
  Story story;
  story.activate();
  const auto database =
      sqlite::Database::open(story.house.directory.at("rights") + "/projects.db").value();
  REQUIRE(database->execute("UPDATE project SET token = replace(token, 'A', 'B')").ok());
  CHECK_FALSE(story.house.store->active_permit("fractures").ok());
}

TEST_CASE("a permit whose signature does not fit is not activated") {
  Story story;
  REQUIRE(story.house.store->create(story.requester, story.house.draft(story.requester)).ok());
  REQUIRE(story.house.take(story.requester, ProjectStep::Submit, Office::Requester).ok());
  REQUIRE(story.house.take(story.committee, ProjectStep::Favourable, Office::Committee, "C").ok());
  REQUIRE(story.house.take(story.dpo, ProjectStep::DpoAgree, Office::Dpo).ok());
  REQUIRE(story.house.take(story.direction, ProjectStep::Approve, Office::Direction).ok());
  const auto database =
      sqlite::Database::open(story.house.directory.at("rights") + "/projects.db").value();
  REQUIRE(database->execute("UPDATE project SET token = replace(token, 'A', 'B')").ok());
  CHECK_FALSE(story.house.take(story.requester, ProjectStep::Activate, Office::Requester).ok());
  CHECK(story.house.rights->state().value()->permits[0].state == PermitState::Approved);
}

TEST_CASE("the owner judges nothing, even with an appointment written into the database") {
  Story story;
  REQUIRE(story.house.store->create(story.requester, story.house.draft(story.requester)).ok());
  REQUIRE(story.house.take(story.requester, ProjectStep::Submit, Office::Requester).ok());
  const auto database =
      sqlite::Database::open(story.house.directory.at("rights") + "/projects.db").value();
  REQUIRE(database->execute("INSERT INTO appointment VALUES (0, 2)").ok());
  CHECK(story.house.take(story.house.owner, ProjectStep::Favourable, Office::Committee, "x")
            .error()
            .code == Code::Refused);
}

TEST_CASE("a purge destroys the project's secret: what is drawn later is another") {
  Story story;
  story.activate();
  const Key before = story.house.project_keys.secret("fractures").value();
  const Key again = story.house.project_keys.secret("fractures").value();
  CHECK(std::equal(before.bytes().begin(), before.bytes().end(), again.bytes().begin()));
  CHECK(story.house.take(story.house.owner, ProjectStep::Purge, Office::Operator).error().code ==
        Code::Conflict);
  REQUIRE(story.house.take(story.requester, ProjectStep::Close, Office::Requester).ok());
  REQUIRE(story.house.take(story.house.owner, ProjectStep::Purge, Office::Operator).ok());
  const Key after = story.house.project_keys.secret("fractures").value();
  CHECK_FALSE(std::equal(before.bytes().begin(), before.bytes().end(), after.bytes().begin()));
}

TEST_CASE("a project's secret lies sealed: its bytes stand in no file") {
  House house;
  const Key secret = house.project_keys.secret("fractures").value();
  const std::string bytes(reinterpret_cast<const char*>(secret.bytes().data()), kKeyBytes);
  for (const std::string& file : house.directory.files())
    CHECK(bytes_of_file(file).find(bytes) == std::string::npos);
}

TEST_CASE("the register lists what was approved, and names nobody") {
  Story story;
  CHECK(story.house.store->register_json().value() == R"({"projects":[]})");
  story.activate();
  const std::string text = story.house.store->register_json().value();
  CHECK(text.find("Fractures du col") != std::string::npos);
  CHECK(text.find("CSE-1") != std::string::npos);
  for (const char* name : {"researcher", "ethicist", "director"})
    CHECK(text.find(name) == std::string::npos);
}

TEST_CASE("names of projects are names of folders") {
  for (const char* bad : {"", "A", "1a", "a/b", "../x", "a b", "a.b", "é"})
    CHECK_FALSE(is_project_name(bad));
  CHECK_FALSE(is_project_name(std::string(41, 'a')));
  CHECK(is_project_name("a-1"));
}

}  // namespace eds::govern
