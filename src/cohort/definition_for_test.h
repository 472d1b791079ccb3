// Definitions and expectations that nobody here wrote, for the tests of this room, and the plain
// form in which two JSON texts are compared. Included by tests only.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "format/json/json_reader.h"
#include "format/json/json_writer.h"

namespace eds::cohort {

struct SharedFile {
  std::string name;
  std::string text;
};

/// `source_directory` is EDS_SOURCE_DIR, which only the test programs know.
inline std::string shared_ohdsi(const std::string& source_directory, const std::string& path) {
  return source_directory + "/../shared/data/ohdsi/" + path;
}

/// What a command prints; the archives are unpacked by the system's own programs.
inline std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  char block[65536];
  std::size_t count = 0;
  while ((count = std::fread(block, 1, sizeof block, pipe)) > 0) text.append(block, count);
  ::pclose(pipe);
  return text;
}

/// The definitions of the OHDSI Phenotype Library; empty when they are not present.
inline std::vector<SharedFile> library_definitions(const std::string& source_directory) {
  const std::string archive =
      shared_ohdsi(source_directory, "phenotype_library/cohorts_json.tar.xz");
  std::vector<SharedFile> files;
  if (!std::filesystem::exists(archive)) return files;
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("eds_cohort_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  output_of("tar xJf '" + archive + "' -C '" + folder.string() + "'");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    files.push_back(
        {entry.path().stem().string(), std::string(std::istreambuf_iterator<char>(stream), {})});
  }
  std::filesystem::remove_all(folder);
  std::sort(files.begin(), files.end(),
            [](const SharedFile& a, const SharedFile& b) { return a.name < b.name; });
  return files;
}

inline void write_canonical(json::Value value, json::Writer& out) {
  switch (value.type()) {
    case json::Type::Null: out.null(); return;
    case json::Type::Boolean: out.boolean(*value.boolean()); return;
    case json::Type::Integer:
    case json::Type::Unsigned:
    case json::Type::Number: out.number(*value.number()); return;
    case json::Type::String: out.string(*value.string()); return;
    case json::Type::Array:
      out.begin_array();
      for (json::Value element : value.elements()) write_canonical(element, out);
      out.end_array();
      return;
    case json::Type::Object: {
      std::vector<std::pair<std::string, json::Value>> members;
      for (const auto& [name, member] : value.members()) members.emplace_back(name, member);
      std::sort(members.begin(), members.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
      out.begin_object();
      for (const auto& [name, member] : members) {
        out.key(name);
        write_canonical(member, out);
      }
      out.end_object();
    }
  }
}

/// Members sorted by name, numbers by value, no spaces.
inline std::string canonical_json(const std::string& text) {
  const Result<json::Document> document = json::Document::parse(text);
  if (!document.ok()) return "not JSON: " + document.error().message;
  json::Writer out;
  write_canonical(document->root(), out);
  return out.take();
}

}  // namespace eds::cohort
