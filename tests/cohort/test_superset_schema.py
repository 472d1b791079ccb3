"""The JSON Schema of cohort definitions, judged by a validator of others: it is what its tool
writes, takes the definitions of the wild, and answers as `eds cohort explain` does."""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import pytest
from jsonschema import Draft202012Validator

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "reference" / "cohort-superset.schema.json"
SCHEMA = json.loads(FILE.read_text())
VALIDATOR = Draft202012Validator(SCHEMA)

CONDITION = {"ConditionOccurrence": {"CodesetId": 0}}
MEASUREMENT = {"Measurement": {"CodesetId": 0}}
WINDOW = {"Start": {"Days": 2, "Coeff": -1}, "End": {"Days": 2, "Coeff": 1}}
TREND = {"Criteria": MEASUREMENT, "Change": {"By": "Difference", "Op": "gte", "Value": 26.5},
         "Within": {"Hours": 48}, "StartWindow": WINDOW,
         "Unit": [{"CONCEPT_ID": 8749, "CONCEPT_NAME": "umol/L"}]}
SEQUENCE = {"Steps": [{"Criteria": CONDITION},
                      {"Criteria": MEASUREMENT, "After": {"Min": 0, "Max": 3, "From": "End"}}],
            "StartWindow": WINDOW, "Same": "Visit"}


def definition(**group):
    return {"ConceptSets": [{"id": 0, "name": "a", "expression": {"items": []}}],
            "PrimaryCriteria": {"CriteriaList": [CONDITION],
                                "ObservationWindow": {"PriorDays": 0, "PostDays": 0}},
            "AdditionalCriteria": {"Type": "ALL", **group}}


def changed(part, path, value):
    """`part` with the member at `path` set, or taken away."""
    part = copy.deepcopy(part)
    at = part
    for name in path[:-1]:
        at = at[name]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return part


def trend(*change):
    return definition(Trends=[changed(TREND, *change) if change else TREND])


def sequence(*change):
    return definition(Sequences=[changed(SEQUENCE, *change) if change else SEQUENCE])


ONE = definition()
ACCEPTED = {
    "Circe alone": ONE,
    "a trend": trend(),
    "a ratio without unit": trend(["Change", "By"], "Ratio"),
    "a unit that is a text": trend(["Unit"], None) | {"AdditionalCriteria": {
        "Type": "ALL", "Trends": [{**changed(TREND, ["Unit"], None), "UnitText": ["µmol/l"]}]}},
    "a trend in days": trend(["Within"], {"Days": 7}),
    "a sequence": sequence(),
    "a sequence without end": sequence(["Steps", 1, "After"], {"Min": 4}),
    "a union": {"Union": [ONE, ONE]},
    "a saved cohort": {"Union": [ONE, {"SavedCohort": {"Name": "a", "Version": 2}}]},
    "a saved cohort beside an event": definition(Cohorts=[
        {"Name": "a", "Version": 2, "Relation": "Starts", "StartWindow": WINDOW, "Absent": True}]),
    "an upper normal": definition(CriteriaList=[{
        "Criteria": {"Measurement": {"TimesUpperNormal": {
            "Op": "gt", "Value": 3, "Otherwise": 40, "Unit": [{"CONCEPT_ID": 8645}]}}},
        "StartWindow": WINDOW, "Occurrence": {"Type": 2, "Count": 1}}]),
    "days of sets in sets": {"Difference": [ONE, {"Intersection": [ONE, ONE]}], "By": "Day",
                             "name": "x"},
}
REFUSED = {
    "no unit": trend(["Unit"], None),
    "no unit text": trend(["UnitText"], [""]),
    "an equal change": trend(["Change", "Op"], "eq"),
    "hours and days": trend(["Within"], {"Hours": 1, "Days": 1}),
    "no hour": trend(["Within"], {"Hours": 0}),
    "no day": trend(["Within"], {"Days": 0}),
    "a trend of diagnoses": trend(["Criteria"], CONDITION),
    "an unknown member of a trend": trend(["Speed"], 1),
    "an unknown attribute": trend(["Criteria", "Measurement", "Refills"],
                                  {"Value": 1, "Op": "gt"}),
    "a saved cohort of any version": {"SavedCohort": {"Name": "a"}},
    "a window that is not asked": definition(Cohorts=[
        {"Name": "a", "Version": 2, "Relation": "Ever", "StartWindow": WINDOW}]),
    "an upper normal without unit": trend(["Criteria", "Measurement", "TimesUpperNormal"],
                                          {"Op": "gt", "Value": 3, "Otherwise": 40}),
    "one step": sequence(["Steps", 1], None),
    "a first step after something": sequence(["Steps", 0, "After"], {"Min": 0}),
    "a next step after nothing": sequence(["Steps", 1, "After"], None),
    "a step back": sequence(["Steps", 1, "After", "Min"], -1),
    "the same ward": sequence(["Same"], "Ward"),
    "17 steps": sequence(["Steps"], [SEQUENCE["Steps"][0]] + [SEQUENCE["Steps"][1]] * 16),
    "an unknown part of a group": definition(Texts=[]),
    "a union of one": {"Union": [ONE]},
    "a union by day": {"Union": [ONE, ONE], "By": "Day"},
    "by hour": {"Difference": [ONE, ONE], "By": "Hour"},
    "two operations": {"Union": [ONE, ONE], "Difference": [ONE, ONE]},
    "a set beside a definition": {"Union": [ONE, ONE], **ONE},
    "nothing": {},
}


def read_by_eds(eds, folder, document):
    path = folder / "definition.json"
    path.write_text(json.dumps(document))
    return subprocess.run([eds, "cohort", "explain", path], capture_output=True, text=True,
                          cwd=folder, env={"PATH": os.environ["PATH"]})


def test_the_schema_is_what_its_tool_writes():
    made = subprocess.run([sys.executable, ROOT / "tools" / "cohort_schema.py"],
                          capture_output=True, text=True, check=True)
    assert made.stdout == FILE.read_text()
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_schema_takes_is_read(eds, tmp_path, name):
    assert VALIDATOR.is_valid(ACCEPTED[name])
    done = read_by_eds(eds, tmp_path, ACCEPTED[name])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["Signal", "Image", "Variant", "Exposure"])
def test_what_is_declared_is_in_the_schema_and_has_no_data(eds, tmp_path, kind):
    document = changed(ONE, ["PrimaryCriteria", "CriteriaList", 0], {kind: {"CodesetId": 0}})
    assert VALIDATOR.is_valid(document)
    done = read_by_eds(eds, tmp_path, document)
    assert done.returncode != 0
    assert f"no such data in this release, at $.PrimaryCriteria.CriteriaList[0].{kind}" in done.stderr


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_schema_refuses_is_refused_with_its_path(eds, tmp_path, name):
    assert not VALIDATOR.is_valid(REFUSED[name])
    done = read_by_eds(eds, tmp_path, REFUSED[name])
    assert done.returncode != 0
    assert "at $" in done.stderr


def test_every_definition_of_the_phenotype_library_is_one(ohdsi):
    count = 0
    with tarfile.open(ohdsi / "phenotype_library" / "cohorts_json.tar.xz") as archive:
        for member in archive:
            if not member.name.endswith(".json"):
                continue
            document = json.loads(archive.extractfile(member).read().decode("utf-8-sig"))
            error = next(VALIDATOR.iter_errors(document), None)
            assert error is None, (member.name, error.json_path)
            count += 1
    assert count > 1000
