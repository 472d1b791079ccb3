// Loaders: files of one code system into a Terminology.
//
// Invariants: a record that is not understood is counted and named in the report, never fatal; a
// file in which no record is understood is Code::Malformed. Labels are kept as published.
// Threads: one thread for each load.
// Sources: ATIH (CIM-10 FR PMSI, GHM, UM), Assurance Maladie (CCAM, UCD), Regenstrief (LOINC), WHO
// (ATC), INSEE/ATIH (communes).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "terms/terminology.h"

namespace eds::terms {

struct Loaded {
  Terminology terminology;
  LoadReport report;
};

/// CIM-10 FR: code, type MCO, SSR, PSY, short label, long label; CSV with header, TSV or '|'
/// without (ATIH's own file). kind is the MCO type 0-4. `hierarchy`, when not empty: the chapters
/// and groups (hiera;diag_deb;diag_fin;lib, the end excluded), which become the codes' parents.
Result<Loaded> load_cim10(Env& env, const Path& codes, const Path& hierarchy);

/// CMA severity levels of CIM-10 codes: (code, 2 to 4).
struct SeverityLevel {
  std::string code;
  std::int32_t level = 0;
};
Result<std::vector<SeverityLevel>> load_cma_levels(Env& env, const Path& path);

/// CCAM: acts with their dates; `hierarchy`, when not empty, gives chapters and parents.
Result<Loaded> load_ccam(Env& env, const Path& acts, const Path& hierarchy);

/// LOINC: Loinc.csv, a LinguisticVariant, or a table of loinc and display_fr.
/// `french`, when not empty, adds French labels from a second file of one of the two last shapes.
Result<Loaded> load_loinc(Env& env, const Path& path, const Path& french);

/// ATC: a table of atc and name; several names for a code are synonyms. Missing upper levels are
/// made, so that every code has its path to the anatomical group.
Result<Loaded> load_atc(Env& env, const Path& path);

/// GHM by year, with their versions; `roots`, when not empty, gives labels to the roots (racines).
Result<Loaded> load_ghm(Env& env, const Path& path, const Path& roots);

/// Types of medical units (UM), communes, UCD drug presentations (parent: none; kind: ATC code).
Result<Loaded> load_um(Env& env, const Path& path);
Result<Loaded> load_communes(Env& env, const Path& path);
Result<Loaded> load_ucd(Env& env, const Path& path);

/// By the word the command line uses: "cim10", "ccam", "loinc", "atc", "ghm", "um", "communes",
/// "ucd", with one or two paths in the order above. Code::Usage for another word or count.
Result<Loaded> load_terminology(Env& env, std::string_view kind, const std::vector<Path>& paths);

}  // namespace eds::terms
