// Figures of the identity store: creating persons in bulk, finding them warm, opening and warming.
// Recipe: N persons with one IPP each, one transaction, on the disk of the first argument; then the
// same with NDA, RSS and a full set of traits. Prints one line a measure.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "govern/identity_store.h"

namespace eds::govern {
namespace {

struct Clock {
  std::int64_t start_us = Env::posix().monotonic_us();
  double seconds() const {
    return static_cast<double>(Env::posix().monotonic_us() - start_us) / 1e6;
  }
};

Identifier of(IdentifierKind kind, std::int64_t number) {
  return Identifier{kind, "750712184", Identifying<std::string>(std::to_string(number))};
}

void say(const char* what, double seconds, int count) {
  std::printf("%-44s %9.3f s %10.0f ns each\n", what, seconds, seconds * 1e9 / count);
}

Status run(const Path& directory, int count) {
  Env& env = Env::posix();
  const KeyRing keys = TRY(KeyRing::create(env, directory + "/keys"));
  std::unique_ptr<IdentityStore> store =
      TRY(IdentityStore::open(env, keys, directory + "/identity"));
  {
    const Clock clock;
    TRY(store->begin());
    for (int n = 0; n < count; ++n)
      TRY(store->person_of(of(IdentifierKind::Ipp, 8'000'000'000 + n)));
    TRY(store->commit());
    say("create a person with an IPP, committed", clock.seconds(), count);
  }
  std::mt19937_64 random(1);
  std::vector<Identifier> asked;
  for (int n = 0; n < 1'000'000; ++n) {
    asked.push_back(of(IdentifierKind::Ipp, 8'000'000'000 + static_cast<int>(random() % count)));
  }
  {
    const Clock clock;
    std::int64_t sum = 0;
    for (const Identifier& each : asked) sum += TRY(store->find(each)).value_or(0);
    say(sum != 0 ? "find an IPP, warm, random order" : "", clock.seconds(), 1'000'000);
  }
  {
    const Clock clock;
    std::int64_t sum = 0;
    for (int n = 0; n < 1'000'000; ++n)
      sum ^= store->record_key("750712184|20240101|" + std::to_string(n));
    say(sum != 0 ? "record key" : "", clock.seconds(), 1'000'000);
  }
  {
    store.reset();
    const Clock clock;
    store = TRY(IdentityStore::open(env, keys, directory + "/identity"));
    say("open", clock.seconds(), 1);
    for (int n = 0; n < 10'000; ++n) TRY(store->find(asked[static_cast<std::size_t>(n)]));
    say("open and find 10,000 IPP cold", clock.seconds(), 10'000);
    const Clock warming;
    TRY(store->warm());
    say("warm", warming.seconds(), count);
  }
  {
    const Clock clock;
    TRY(store->begin());
    for (int n = 0; n < count; ++n) {
      const PersonId person = TRY(store->person_of(of(IdentifierKind::Ipp, 8'000'000'000 + n)));
      TRY(store->link(of(IdentifierKind::Nda, 100'000'000 + n), person));
      TRY(store->link_visit(of(IdentifierKind::Rss, 500'000 + n),
                            of(IdentifierKind::Nda, 100'000'000 + n)));
      TRY(store->detail_of(of(IdentifierKind::Rss, 500'000 + n), "1"));
    }
    TRY(store->commit());
    say("one stay: IPP, NDA, RSS, one movement", clock.seconds(), count);
  }
  {
    const Clock clock;
    TRY(store->begin());
    Traits traits;
    traits.first_names = Identifying<std::string>("Marie Rose");
    traits.birth_date = Identifying<std::string>("1961-04-03");
    traits.address_line = Identifying<std::string>("12 rue des Lilas");
    for (int n = 0; n < count; ++n) {
      traits.birth_name = Identifying<std::string>("NAME" + std::to_string(n));
      TRY(store->set_traits(TRY(store->person_of(of(IdentifierKind::Ipp, 8'000'000'000 + n))),
                            traits, 1));
    }
    TRY(store->commit());
    say("set traits", clock.seconds(), count);
  }
  std::printf(
      "identity.db: %.0f bytes a person\n",
      static_cast<double>(std::filesystem::file_size(directory + "/identity/identity.db")) / count);
  return {};
}

}  // namespace
}  // namespace eds::govern

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const eds::Status done = eds::govern::run(argv[1], std::atoi(argv[2]));
  if (!done.ok()) std::printf("failed: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
