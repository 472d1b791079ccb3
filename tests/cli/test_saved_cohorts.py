"""Saved cohorts: kept under a name, pinned to a release, evaluated again on another, exported."""

import csv
import datetime
import io
import json
import re

import pytest

CONDITION = 201826
PERSONS = {1: 8507, 2: 8532, 3: 8532, 4: 8507}
DEFINITION = {
    "ConceptSets": [{"id": 0, "name": "d", "expression": {"items": [
        {"concept": {"CONCEPT_ID": CONDITION}, "includeDescendants": False}]}}],
    "PrimaryCriteria": {
        "CriteriaList": [{"ConditionOccurrence": {"CodesetId": 0}}],
        "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
        "PrimaryCriteriaLimit": {"Type": "First"}},
    "QualifiedLimit": {"Type": "First"}, "ExpressionLimit": {"Type": "All"},
    "InclusionRules": [], "CensoringCriteria": [],
    "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0}, "CensorWindow": {}}


def write(folder, table, header, rows):
    folder.mkdir(exist_ok=True)
    (folder / f"{table}.csv").write_text("\n".join([header, *rows]) + "\n")


def conditions(rows):
    return ("condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
            "condition_type_concept_id", [f"{i},{p},{CONDITION},{day},0" for i, p, day in rows])


@pytest.fixture
def hospital(eds, tmp_path):
    """Persons 1 and 2 have the condition, 3 and 4 do not; all are observed in 2020."""
    folder = tmp_path / "cdm"
    write(folder, "person", "person_id,gender_concept_id,year_of_birth,race_concept_id,"
          "ethnicity_concept_id", [f"{p},{g},{1940 + 10 * p},0,0" for p, g in PERSONS.items()])
    write(folder, "observation_period", "observation_period_id,person_id,"
          "observation_period_start_date,observation_period_end_date,period_type_concept_id",
          [f"{p},{p},2020-01-01,2020-12-31,0" for p in PERSONS])
    write(folder, "condition_occurrence", *conditions([(1, 1, "2020-03-01"), (2, 2, "2020-05-01")]))
    write(folder, "concept", "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,"
          "standard_concept,concept_code,valid_start_date,valid_end_date,invalid_reason",
          [f"{CONDITION},Diabetes,Condition,SNOMED,Disorder,S,44,1970-01-01,2099-12-31,"])
    eds.run("ingest", "--format", "omop-csv", "--source", "h", folder)
    (tmp_path / "definition.json").write_text(json.dumps(DEFINITION))
    return eds


def table(command, *args):
    return list(csv.DictReader(io.StringIO(command.run("-f", "csv", *args).stdout)))


def rows_of(command, name, *args):
    return [tuple(row.values())[1:] for row in table(command, "cohort", "show", name, "--rows",
                                                     *args)]


FIRST = [("1", "2020-03-01", "2020-12-31"), ("2", "2020-05-01", "2020-12-31")]


def later_release(hospital, tmp_path):
    """Person 1 falls ill a month earlier, person 3 at all."""
    folder = tmp_path / "later"
    write(folder, "condition_occurrence", *conditions([(3, 1, "2020-02-01"), (4, 3, "2020-06-01")]))
    hospital.run("ingest", "--format", "omop-csv", "--source", "h", folder)


def test_a_saved_cohort_keeps_its_release_and_its_definition(hospital, tmp_path):
    (saved,) = table(hospital, "cohort", "save", "diab", tmp_path / "definition.json")
    assert (saved["version"], saved["release"], saved["persons"]) == ("1", "r1", "2")
    later_release(hospital, tmp_path)
    assert rows_of(hospital, "diab") == FIRST
    shown = hospital.run("cohort", "show", "diab", "--definition").stdout
    assert json.loads(shown) == DEFINITION


def test_what_is_saved_is_what_run_prints(hospital, tmp_path):
    definition = tmp_path / "definition.json"
    hospital.run("cohort", "save", "diab", definition)
    ran = [tuple(row.values())[1:] for row in table(hospital, "cohort", "run", definition)]
    assert rows_of(hospital, "diab") == ran == FIRST


def test_a_rerun_shows_who_entered_left_or_moved(hospital, tmp_path):
    hospital.run("cohort", "save", "diab", tmp_path / "definition.json")
    later_release(hospital, tmp_path)
    changes = table(hospital, "cohort", "rerun", "diab")
    assert [tuple(row.values()) for row in changes] == [
        ("entered", "3", "", "2020-06-01/2020-12-31"),
        ("moved", "1", "2020-03-01/2020-12-31", "2020-02-01/2020-12-31")]
    back = table(hospital, "cohort", "diff", "diab", 2, 1)
    assert [tuple(row.values())[:2] for row in back] == [("left", "3"), ("moved", "1")]
    assert rows_of(hospital, "diab", "--version", 1) == FIRST
    # On the release it was made on, nothing changed.
    assert table(hospital, "--release", "r1", "cohort", "rerun", "diab") != []
    again = [tuple(row.values())[:2] for row in table(hospital, "cohort", "diff", "diab", 1, 3)]
    assert again == []


def test_the_omop_export_has_cdm_columns_and_can_be_fed_again(hospital, tmp_path):
    hospital.run("cohort", "save", "diab", tmp_path / "definition.json")
    hospital.run("cohort", "export", "diab", "--form", "omop", "--to", tmp_path / "out")
    with open(tmp_path / "out" / "cohort.csv") as file:
        assert list(csv.reader(file)) == [
            ["cohort_definition_id", "subject_id", "cohort_start_date", "cohort_end_date"],
            *[["1", *row] for row in FIRST]]
    with open(tmp_path / "out" / "cohort_definition.csv") as file:
        (row,) = csv.DictReader(file)
    assert json.loads(row["cohort_definition_syntax"]) == DEFINITION
    assert row["cohort_definition_name"] == "diab"
    hospital.run("ingest", "--format", "omop-csv", tmp_path / "out")
    assert hospital.value("SELECT count(*) FROM cohort") == 2


def check_group(group):
    """FHIR R4 Group: the structure definition's elements, types and cardinalities, by hand."""
    assert group["resourceType"] == "Group"
    assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", group["id"])
    allowed = {"resourceType", "id", "identifier", "active", "type", "actual", "code", "name",
               "quantity", "managingEntity", "characteristic", "member"}
    assert set(group) <= allowed
    assert group["type"] in {"person", "animal", "practitioner", "device", "medication",
                             "substance"}
    assert group["actual"] is True  # grp-1: members only of an actual group
    assert isinstance(group["quantity"], int) and group["quantity"] >= 0
    for identifier in group["identifier"]:
        assert set(identifier) <= {"system", "value"} and re.match(r"[a-z]+:", identifier["system"])
    for member in group.get("member", []):
        assert set(member) <= {"entity", "period", "inactive"}
        assert re.fullmatch(r"Patient/[A-Za-z0-9\-.]{1,64}", member["entity"]["reference"])
        start, end = (datetime.date.fromisoformat(member["period"][name])
                      for name in ("start", "end"))
        assert start <= end  # per-1
    assert group.get("member") != []  # an array is never empty


def test_the_fhir_export_is_a_group_of_r4(hospital, tmp_path):
    hospital.run("cohort", "save", "diab", tmp_path / "definition.json")
    path = tmp_path / "group.json"
    hospital.run("cohort", "export", "diab", "--form", "fhir", "--to", path)
    group = json.loads(path.read_text())
    check_group(group)
    assert [(member["entity"]["reference"], member["period"]["start"], member["period"]["end"])
            for member in group["member"]] == [(f"Patient/{p}", s, e) for p, s, e in FIRST]
    nobody = dict(DEFINITION, ConceptSets=[{"id": 0, "name": "x", "expression": {"items": []}}])
    (tmp_path / "nobody.json").write_text(json.dumps(nobody))
    hospital.run("cohort", "save", "nobody", tmp_path / "nobody.json")
    hospital.run("cohort", "export", "nobody", "--form", "fhir", "--to", path)
    check_group(json.loads(path.read_text()))


def test_wrong_names_and_definitions_are_refused(hospital, tmp_path):
    definition = tmp_path / "definition.json"
    for name in ("", "../x", "a b", "-a", "x" * 65):
        done = hospital.run("cohort", "save", "--", name, definition, expect=None)
        assert done.returncode != 0, name
    bad = tmp_path / "bad.json"
    bad.write_text('{"PrimaryCriteria": {"CriteriaList": [{"Nothing": {}}]}}')
    assert "$.PrimaryCriteria" in hospital.run("cohort", "save", "x", bad, expect=3).stderr
    hospital.run("cohort", "show", "unknown", expect=3)
    assert table(hospital, "cohort", "list") == []


def test_an_erased_person_leaves_every_version(hospital, tmp_path):
    hospital.run("cohort", "save", "diab", tmp_path / "definition.json")
    hospital.run("cohort", "save", "diab", tmp_path / "definition.json")
    hospital.run("erase", 2)
    assert rows_of(hospital, "diab") == rows_of(hospital, "diab", "--version", 1) == FIRST[:1]
    (listed,) = table(hospital, "cohort", "list")
    assert (listed["rows"], listed["persons"]) == ("1", "1")


def test_a_backup_holds_the_saved_cohorts(hospital, tmp_path):
    hospital.run("cohort", "save", "diab", tmp_path / "definition.json")
    hospital.run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    hospital.run("restore", tmp_path / "backup", tmp_path / "again", "--keys", tmp_path / "keys")
    hospital.warehouse = tmp_path / "again"
    assert rows_of(hospital, "diab") == FIRST


def test_every_act_on_a_cohort_stands_in_the_audit(hospital, tmp_path):
    hospital.run("cohort", "save", "diab", tmp_path / "definition.json")
    hospital.run("cohort", "export", "diab", "--to", tmp_path / "rows.csv")
    found = hospital.run("-f", "json", "audit", "search", expect=None).stdout
    assert "cohort save" in found and "cohort export" in found and "diab/1" in found


@pytest.fixture
def house(eds, tmp_path):
    """A synthetic hospital, and two people with accesses to one unit."""
    eds.run("synth", "--patients", 200, "--seed", 5, "--into", eds.warehouse)
    eds.run("access", "sync")
    unit = eds.query("SELECT care_site_source_value AS code, care_site_id AS id FROM care_site "
                     "JOIN visit_detail USING (care_site_id) GROUP BY 1, 2 "
                     "ORDER BY count(DISTINCT visit_detail.person_id) DESC, 1 LIMIT 1")[0]
    eds.unit_id = unit["id"]
    eds.tickets = {}
    for name in ("anne", "zoe"):
        eds.run("user", "add", name)
        eds.run("access", "grant", name, "clinician", unit["code"])
        eds.tickets[name] = tmp_path / f"{name}.ticket"
        eds.run("user", "session", name, eds.tickets[name], "--factors", 2)
    stays = {"ConceptSets": [], "PrimaryCriteria": {
        "CriteriaList": [{"VisitOccurrence": {}}],
        "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
        "PrimaryCriteriaLimit": {"Type": "All"}},
        "QualifiedLimit": {"Type": "All"}, "ExpressionLimit": {"Type": "All"},
        "InclusionRules": [], "CensoringCriteria": [],
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0}, "CensorWindow": {}}
    (tmp_path / "stays.json").write_text(json.dumps(stays))
    return eds


def test_a_session_saves_who_it_may_see_and_nobody_elses_cohort(house, tmp_path):
    as_anne = ["--session", house.tickets["anne"]]
    house.run("cohort", "save", "stays", tmp_path / "stays.json")
    house.run(*as_anne, "cohort", "save", "stays", tmp_path / "stays.json")
    shown = house.run("-f", "csv", *as_anne, "cohort", "show", "stays", "--rows").stdout
    persons = {int(row["subject_id"]) for row in csv.DictReader(io.StringIO(shown))}
    unit = {row["person_id"] for row in house.query(
        f"SELECT DISTINCT person_id FROM visit_detail WHERE care_site_id = {house.unit_id}")}
    everybody = {int(row[0]) for row in rows_of(house, "stays")}
    assert persons and persons <= unit and persons < everybody
    as_zoe = ["--session", house.tickets["zoe"]]
    assert json.loads(house.run("-f", "json", *as_zoe, "cohort", "list").stdout) == []
    for verb in (["show", "stays"], ["rerun", "stays"],
                 ["export", "stays", "--to", tmp_path / "x.csv"]):
        assert "no such saved cohort" in house.run(*as_zoe, "cohort", *verb, expect=3).stderr
    assert not (tmp_path / "x.csv").exists()
    # `run` answers under the same scope.
    ran = house.run("-f", "csv", *as_anne, "cohort", "run", tmp_path / "stays.json").stdout
    assert {int(row["subject_id"]) for row in csv.DictReader(io.StringIO(ran))} == persons
