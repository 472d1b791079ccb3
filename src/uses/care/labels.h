// Labels: the words behind codes, units and files, read once from a release and kept.
//
// Invariants: an unknown code has an empty label, and is asked for once. A CIM-10 code is found
// with and without its dot (PMSI writes I210, vocabularies I21.0). Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/session.h"

namespace eds::care {

struct CareSite {
  std::string code;
  std::string name;
};

struct SourceFile {
  std::string file_name;
  std::string format;
  std::int64_t fed_at_us = 0;
  std::int64_t record_count = 0;
  std::int64_t reject_count = 0;
};

class Labels {
 public:
  /// Reads care sites and source files.
  static Result<Labels> open(engine::Session& session);

  /// Learns the labels of codes not asked for yet.
  Status learn(engine::Session& session, const std::vector<std::string>& codes);
  /// Learns codes and labels of concepts not asked for yet.
  Status learn_concepts(engine::Session& session, const std::vector<std::int64_t>& ids);
  /// The concept's own code, or nullptr when unknown or not learnt.
  const std::string* concept_code(std::int64_t id) const;
  /// "" when unknown, or not learnt.
  std::string_view label(const std::string& code) const;
  const CareSite* care_site(std::int64_t id) const;
  const SourceFile* source(std::int64_t id) const;

 private:
  std::unordered_map<std::string, std::string> labels_;
  std::unordered_map<std::int64_t, std::string> concept_codes_;
  std::unordered_map<std::int64_t, CareSite> care_sites_;
  std::unordered_map<std::int64_t, SourceFile> sources_;
};

}  // namespace eds::care
