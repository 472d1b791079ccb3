"""Cohorts that the stored index answers from days alone (one kind of event, each person's first):
the rows and the counts must be those of the lake, which reads events."""

import datetime
import json
import random

PERSONS = 300
DAY = datetime.date(2020, 1, 1)
OPERATORS = ["gt", "gte", "lt", "lte", "eq", "!eq", "bt", "!bt"]


def day(number):
    return (DAY + datetime.timedelta(days=number)).isoformat()


def write_labs(folder, chance, first_id):
    """Results of three concepts: one of decimals with missing ones, one of few values, one that is
    always 5; some before, between and after the observation periods."""
    folder.mkdir()
    lines = ["measurement_id,person_id,measurement_concept_id,measurement_date,"
             "measurement_type_concept_id,value_as_number,range_low,range_high"]
    number = first_id
    for person in range(1, PERSONS + 1):
        for _ in range(chance.choice([0, 1, 3, 40])):
            concept = chance.choice([1, 2, 3])
            value = {1: round(chance.uniform(0, 20), 1), 2: chance.choice([1, 2, 700]), 3: 5}[concept]
            if concept == 1 and chance.random() < 0.2:
                value = ""
            lines.append(f"{number},{person},{concept},{day(chance.randrange(400))},0,{value},"
                         f"{chance.choice(['', 2])},{chance.choice(['', 15.5])}")
            number += 1
    (folder / "measurement.csv").write_text("\n".join(lines) + "\n")
    return number


def write_persons(folder, chance):
    folder.mkdir()
    (folder / "concept.csv").write_text(
        "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,concept_code,"
        "valid_start_date,valid_end_date\n" + "".join(
            f"{c},c{c},Measurement,V,C,{c},1970-01-01,2099-12-31\n" for c in (1, 2, 3, 4)))
    (folder / "person.csv").write_text(
        "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n" +
        "".join(f"{p},{chance.choice([8507, 8532])},{chance.randrange(1930, 2010)},0,0\n"
                for p in range(1, PERSONS + 1)))
    periods = ["observation_period_id,person_id,observation_period_start_date,"
               "observation_period_end_date,period_type_concept_id"]
    for person in range(1, PERSONS + 1):
        for _ in range(chance.choice([0, 1, 1, 2, 3])):  # They may overlap.
            start = chance.randrange(350)
            periods.append(f"{len(periods)},{person},{day(start)},"
                           f"{day(start + chance.choice([0, 10, 100, 300]))},0")
    (folder / "observation_period.csv").write_text("\n".join(periods) + "\n")


def bound(chance):
    op = chance.choice(OPERATORS)
    low = round(chance.uniform(-1, 21), 1) if chance.random() < 0.7 else chance.choice([1, 2, 5, 700])
    return {"Value": low, "Op": op} | ({"Extent": low + chance.choice([0, 4, 800])} if "bt" in op else {})


def random_definition(chance):
    labs = {"CodesetId": chance.randrange(3)}
    if chance.random() < 0.9:
        labs["ValueAsNumber"] = bound(chance)
    for field in ("RangeLow", "RangeHigh", "Age"):
        if chance.random() < 0.1:
            labs[field] = bound(chance)
    if chance.random() < 0.1:
        labs["First"] = True
    if chance.random() < 0.1:
        labs["OccurrenceStartDate"] = {"Value": day(chance.randrange(300)), "Op": "gt"}
    made = {
        "ConceptSets": [{"id": n, "name": "s", "expression": {"items": [
            {"concept": {"CONCEPT_ID": concept}} for concept in concepts]}}
            for n, concepts in enumerate([[1], [2, 3], [1, 2, 3, 4]])],
        "PrimaryCriteria": {
            "CriteriaList": [{"Measurement": labs}],
            "ObservationWindow": {"PriorDays": chance.choice([0, 0, 5, 60]),
                                  "PostDays": chance.choice([0, 0, 5, 60])},
            "PrimaryCriteriaLimit": {"Type": chance.choice(["First"] * 6 + ["All", "Last"])}},
        "QualifiedLimit": {"Type": "First"}, "ExpressionLimit": {"Type": chance.choice(["All", "First"])},
        "InclusionRules": [], "CensoringCriteria": [],
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": chance.choice([0, 0, 30])},
        "CensorWindow": chance.choice([{}, {}, {"StartDate": day(100), "EndDate": day(200)}])}
    if chance.random() < 0.6:
        made["EndStrategy"] = {"DateOffset": {"DateField": chance.choice(["StartDate", "EndDate"]),
                                              "Offset": chance.choice([0, 7, 90])}}
    if chance.random() < 0.1:
        made["CensoringCriteria"] = [{"Measurement": {"CodesetId": 1}}]
    return made


def test_first_days_of_the_index_give_the_rows_and_counts_of_the_lake(eds, tmp_path):
    chance = random.Random(20)
    write_persons(tmp_path / "persons", chance)
    first_id = 1
    eds.run("ingest", "--format", "omop-csv", tmp_path / "persons")
    for part in range(3):
        first_id = write_labs(tmp_path / f"labs{part}", chance, first_id)
        eds.run("ingest", "--format", "omop-csv", tmp_path / f"labs{part}")
    definitions = tmp_path / "all.jsonl"
    definitions.write_text("".join(json.dumps(random_definition(chance)) + "\n" for _ in range(400)))

    def answers():
        run = eds.run("--format", "csv", "cohort", "run", definitions)
        count = eds.run("--format", "csv", "cohort", "count", definitions)
        assert "note" not in run.stderr
        return run.stdout, count.stdout

    from_lake = answers()
    assert len({line.split(",")[0] for line in from_lake[0].splitlines()}) > 300
    eds.run("cohort", "index", "build")
    from_index = answers()
    for wanted, given in zip(from_lake, from_index):
        assert given.splitlines() == wanted.splitlines()
