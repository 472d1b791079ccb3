#include "govern/permit_token.h"

#include <algorithm>
#include <array>

#include "format/jose/jws.h"
#include "format/json/json_writer.h"

namespace eds::govern {
namespace {

constexpr std::string_view kType = "eds-permit";
constexpr std::array<jose::Algorithm, 1> kAlgorithms = {jose::Algorithm::EdDSA};

void write_ids(json::Writer& writer, std::string_view name, const std::vector<std::int64_t>& ids) {
  writer.key(name).begin_array();
  for (const std::int64_t id : ids) writer.integer(id);
  writer.end_array();
}

Result<std::vector<std::int64_t>> ids_of(const json::Value& root, std::string_view name) {
  std::vector<std::int64_t> ids;
  for (const json::Value one : TRY(root.at(name)).elements()) ids.push_back(TRY(one.integer()));
  return ids;
}

Result<Permit> permit_of(const json::Value& root) {
  if (root.integer_or("version", 0) != 1)
    return Error{Code::Malformed, "permit is of another version"};
  Permit permit;
  permit.project = std::string(TRY(TRY(root.at("project")).string()));
  permit.purpose = TRY(parse_purpose(TRY(TRY(root.at("purpose")).string())));
  permit.study_type = static_cast<int>(TRY(TRY(root.at("study_type")).integer()));
  permit.opinion_reference = std::string(TRY(TRY(root.at("opinion_reference")).string()));
  permit.opinion_us = TRY(TRY(root.at("opinion_us")).integer());
  permit.users = TRY(ids_of(root, "users"));
  permit.perimeters = TRY(ids_of(root, "perimeters"));
  for (const json::Value one : TRY(root.at("tables")).elements()) {
    PermitColumns table;
    table.table = std::string(TRY(TRY(one.at("table")).string()));
    for (const json::Value column : TRY(one.at("columns")).elements())
      table.columns.emplace_back(TRY(column.string()));
    table.justification = std::string(TRY(TRY(one.at("justification")).string()));
    permit.tables.push_back(std::move(table));
  }
  if (const std::optional<json::Value> population = root.find("population")) {
    permit.population.cohort = std::string(population->string_or("cohort", ""));
    permit.population.query = std::string(population->string_or("query", ""));
  }
  permit.start_us = TRY(TRY(root.at("start_us")).integer());
  permit.end_us = TRY(TRY(root.at("end_us")).integer());
  permit.is_nominative = TRY(TRY(root.at("nominative")).boolean());
  return permit;
}

}  // namespace

std::string terms_json(const Permit& permit) {
  json::Writer writer;
  writer.begin_object().member("version", 1);
  writer.member("project", std::string_view(permit.project));
  writer.member("purpose", purpose_name(permit.purpose));
  writer.member("study_type", permit.study_type);
  writer.member("opinion_reference", std::string_view(permit.opinion_reference));
  writer.member("opinion_us", permit.opinion_us);
  write_ids(writer, "users", permit.users);
  write_ids(writer, "perimeters", permit.perimeters);
  writer.key("tables").begin_array();
  for (const PermitColumns& table : permit.tables) {
    writer.begin_object().member("table", std::string_view(table.table));
    writer.key("columns").begin_array();
    for (const std::string& column : table.columns) writer.string(column);
    writer.end_array().member("justification", std::string_view(table.justification)).end_object();
  }
  writer.end_array();
  if (!permit.population.is_everybody()) {
    writer.key("population").begin_object();
    writer.member("cohort", std::string_view(permit.population.cohort));
    writer.member("query", std::string_view(permit.population.query)).end_object();
  }
  writer.member("start_us", permit.start_us).member("end_us", permit.end_us);
  writer.member("nominative", permit.is_nominative).end_object();
  return writer.take();
}

Result<Permit> parse_terms(std::string_view json) {
  const json::Document document = TRY(json::Document::parse(json));
  return permit_of(document.root());
}

Result<std::string> sign_permit(const jose::Jwk& key, const Permit& permit) {
  TRY(check_permit(permit));
  return jose::sign_jws(key, jose::Algorithm::EdDSA, kType, terms_json(permit));
}

Result<Permit> verify_permit(const jose::KeySet& keys, std::string_view token,
                             std::int64_t now_us) {
  const jose::VerifiedJws jws = TRY(jose::verify_jws(token, keys, kAlgorithms));
  if (jws.type != kType) return Error{Code::Refused, "token is no permit"};
  Permit permit = TRY(parse_terms(jws.payload));
  TRY(check_permit(permit));
  if (now_us < permit.start_us) return Error{Code::Refused, "permit has not begun"};
  if (now_us >= permit.end_us) return Error{Code::Refused, "permit has ended"};
  return permit;
}

bool same_terms(const Permit& one, const Permit& other) {
  const auto ordered = [](Permit permit) {
    std::sort(permit.users.begin(), permit.users.end());
    std::sort(permit.perimeters.begin(), permit.perimeters.end());
    std::sort(permit.tables.begin(), permit.tables.end(),
              [](const auto& a, const auto& b) { return a.table < b.table; });
    return terms_json(permit);
  };
  return ordered(one) == ordered(other);
}

}  // namespace eds::govern
