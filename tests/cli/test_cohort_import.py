"""`eds cohort import`: a request of Cohort360, its codes looked up in the release."""

import json

import pytest

CONCEPTS = """concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,\
concept_code,valid_start_date,valid_end_date,invalid_reason
2000000001,Hypertension essentielle,Condition,CIM10,,,I10,19700101,20991231,
2000000002,Fracture du col du fémur,Condition,CIM10,,,S7200,19700101,20991231,
2000000003,Fracture du col ouverte,Condition,CIM10,,,S7210,19700101,20991231,
"""
PERSONS = "person_id,year_of_birth,gender_concept_id\n1,1950,8507\n2,1960,8532\n3,1970,8532\n"
PERIODS = ("observation_period_id,person_id,observation_period_start_date,"
           "observation_period_end_date,period_type_concept_id\n"
           + "".join(f"{n},{n},2015-01-01,2024-12-31,1\n" for n in (1, 2, 3)))
CONDITIONS = ("condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
              "condition_type_concept_id,condition_source_concept_id\n"
              "1,1,0,2020-01-01,1,2000000001\n2,1,0,2020-02-01,1,2000000003\n"
              "3,2,0,2020-01-01,1,2000000002\n4,3,0,2020-01-01,1,2000000001\n")


def request_of(*criteria, **more):
    return {"_type": "request", "request": {
        "_type": "andGroup", "_id": 0, "isInclusive": True, "criteria": [
            {"_type": "basicResource", "_id": n + 1, "resourceType": "conditionAphp",
             "filterFhir": f"codeList={code}", "isInclusive": inclusive,
             "occurrence": {"n": 1, "operator": ">="}}
            for n, (code, inclusive) in enumerate(criteria)]}, **more}


@pytest.fixture
def fed(eds, tmp_path):
    cdm = tmp_path / "cdm"
    cdm.mkdir()
    for name, text in (("concept", CONCEPTS), ("person", PERSONS), ("observation_period", PERIODS),
                       ("condition_occurrence", CONDITIONS)):
        (cdm / f"{name}.csv").write_text(text)
    eds.run("ingest", "--format", "omop-csv", cdm)
    return eds


def imported(eds, folder, document, expect=0):
    (folder / "request.json").write_text(json.dumps(document))
    return eds.run("cohort", "import", folder / "request.json", expect=expect)


def members(eds, folder, definition):
    (folder / "definition.json").write_text(definition)
    done = eds.run("-f", "csv", "cohort", "run", folder / "definition.json")
    return sorted(int(line.split(",")[1]) for line in done.stdout.splitlines()[1:])


def test_a_request_becomes_a_definition_that_runs(fed, tmp_path):
    done = imported(fed, tmp_path, request_of(("S72", True), ("I10", False)))
    assert members(fed, tmp_path, done.stdout) == [2]
    # S72 stands for the codes that begin with it.
    items = json.loads(done.stdout)["ConceptSets"][0]["expression"]["items"]
    assert {item["concept"]["CONCEPT_ID"] for item in items} == {2000000002, 2000000003}


def test_codes_and_perimeters_that_are_not_known_are_listed(fed, tmp_path):
    done = imported(fed, tmp_path, request_of(
        ("Z99", True), sourcePopulation={"caresiteCohortList": [44121]}), expect=1)
    assert "unmapped: CIM10 Z99, at $.request.criteria[0].filterFhir" in done.stderr
    assert "unmapped: $.sourcePopulation.caresiteCohortList: [44121]" in done.stderr
    assert members(fed, tmp_path, done.stdout) == []


def test_a_class_of_encounters_is_listed_where_its_vocabulary_is_not_loaded(fed, tmp_path):
    document = request_of(("I10", True))
    document["request"]["criteria"].append({
        "_type": "basicResource", "_id": 2, "isInclusive": True, "resourceType": "Encounter",
        "filterFhir": "class=urg"})
    done = imported(fed, tmp_path, document, expect=1)
    assert "unmapped: Visit ER, at $.request.criteria[1].filterFhir" in done.stderr


def test_what_has_no_exact_meaning_is_refused_by_path(fed, tmp_path):
    document = request_of(("I10", True))
    document["request"]["criteria"][0]["filterFhir"] += "&_source=ORBIS"
    done = imported(fed, tmp_path, document, expect=3)
    assert done.stdout == ""
    assert "at $.request.criteria[0].filterFhir._source" in done.stderr
