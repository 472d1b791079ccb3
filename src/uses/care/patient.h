// The 360-degree view: everything the warehouse knows of one person, each item with its source.
//
// Invariants: rows come through one Session, so from one release under one scope. Nothing is cut: a
// person has as many items as the lake holds. No identity: names live in the identity zone and join
// at the care portal only.
// Units: days and microseconds since 1970-01-01 (UTC wall clock of the source).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"

namespace eds::care {

using Days = std::int32_t;

/// Where a row came from: eds_source_id and the line or record in it.
struct Origin {
  std::int64_t source_id = 0;  ///< 0: unknown
  std::int64_t position = 0;
};

/// Two sources that contradict each other: what was kept, and what was not.
struct Conflict {
  std::string field;  ///< "end_date", "exit_mode", "birth_date"... as eds_conflict names it
  std::string kept;
  std::string other;
};

struct Person {
  std::int64_t id = 0;
  std::int64_t gender_concept_id = 0;
  std::optional<Days> birth;
  std::optional<Days> death;
  std::vector<Conflict> conflicts;
  Origin origin;
};

struct Movement {
  std::int64_t id = 0;
  std::int64_t visit_id = 0;
  std::int64_t care_site_id = 0;
  std::string source_value;
  Days start = 0;
  std::optional<Days> end;
  Origin origin;
};

struct Visit {
  std::int64_t id = 0;
  std::int64_t concept_id = 0;
  Days start = 0;
  std::optional<Days> end;
  std::string entry_mode;
  std::string exit_mode;
  std::string ghm;
  std::vector<Conflict> conflicts;
  std::vector<Movement> movements;
  Origin origin;
};

struct Condition {
  std::int64_t id = 0;
  std::int64_t concept_id = 0;
  std::int64_t visit_id = 0;
  std::int64_t movement_id = 0;
  Days date = 0;
  std::optional<Days> end;
  std::string code;
  std::string role;  ///< DP, DR, DA, or as the source says
  Origin origin;
};

struct Procedure {
  std::int64_t id = 0;
  std::int64_t concept_id = 0;
  std::int64_t visit_id = 0;
  Days date = 0;
  std::string code;
  std::string phase;
  std::string activity;
  std::int64_t quantity = 1;
  Origin origin;
};

struct Measurement {
  std::int64_t id = 0;
  std::int64_t concept_id = 0;
  std::int64_t source_concept_id = 0;  ///< of the code as received, or what it maps to
  std::int64_t time_us = 0;
  std::string code;
  std::string unit;
  std::optional<double> value;
  std::string operator_sign;  ///< "<", ">=" or empty
  std::optional<double> range_low;
  std::optional<double> range_high;
  std::string source_value;
  std::string flag;
  Origin origin;
};

struct Drug {
  std::int64_t id = 0;
  std::int64_t concept_id = 0;
  std::int64_t source_concept_id = 0;  ///< of the code as received, or what it maps to
  std::int64_t visit_id = 0;
  Days start = 0;
  std::optional<Days> end;
  std::string code;
  std::optional<double> quantity;
  std::string route;
  Origin origin;
};

struct Observation {
  std::int64_t id = 0;
  std::int64_t concept_id = 0;
  std::int64_t visit_id = 0;
  Days date = 0;
  std::string code;
  std::string value;
  Origin origin;
};

struct Note {
  std::int64_t id = 0;
  std::int64_t visit_id = 0;
  Days date = 0;
  std::string title;
  std::string text;
  Origin origin;
};

struct Patient {
  Person person;
  std::vector<Visit> visits;
  std::vector<Condition> conditions;
  std::vector<Procedure> procedures;
  std::vector<Measurement> measurements;
  std::vector<Drug> drugs;
  std::vector<Observation> observations;
  std::vector<Note> notes;
};

/// Everything of one person. NotFound when the release has no such person.
Result<Patient> read_patient(engine::Session& session, std::int64_t person_id);

}  // namespace eds::care
