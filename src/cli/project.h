// eds project: a study from its draft to its purge, and its data store (docs/reference/project.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "uses/research/mart_store.h"

namespace eds::cli {

struct ProjectOptions {
  std::string verb;
  std::string name;
  std::string title;
  std::string summary;
  std::string purpose;
  std::string from;
  std::string to;
  std::int64_t study_type = 0;
  std::vector<std::string> perimeters;
  std::vector<std::string> added;    ///< accounts
  std::vector<std::string> removed;  ///< accounts, or tables
  std::string columns;               ///< "table:column,column"
  std::string because;               ///< justification, reason
  std::string cohort_file;
  std::string query;
  std::string judgement;  ///< favourable, unfavourable, agree, refuse
  std::string reference;  ///< of an opinion
  std::string office;     ///< --as
  std::string user;
  bool everybody = false;
  bool nominative = false;
};
Result<Exit> run_project(const Global& global, const ProjectOptions& options);

/// The stores behind projects, of the warehouse of a Context that outlives it.
class ProjectDoors {
 public:
  static Result<std::unique_ptr<ProjectDoors>> open(Context& context);
  const research::Doors& doors() const { return doors_; }
  govern::ProjectStore& projects() const { return *projects_; }

 private:
  ProjectDoors() = default;
  std::unique_ptr<govern::ProjectKeys> keys_;
  std::unique_ptr<govern::ProjectStore> projects_;
  std::unique_ptr<engine::Engine> engine_;
  research::Doors doors_;
};

/// What `eds project build`, `refresh` and `removals` do.
Result<Exit> build_project(Context& context, const Global& global, const ProjectOptions& options);
Result<Exit> show_removals(Context& context, const Global& global, const ProjectOptions& options);
Result<Exit> purge_project(Context& context, const ProjectOptions& options);

}  // namespace eds::cli
