"""Definitions beyond Circe on GiBleed, from the lake and from the index, against the tables
themselves and against the members evaluated alone."""

import csv
import datetime
import gzip
import json
import re

DAY = datetime.timedelta(days=1)
# Viral sinusitis and acute bronchitis, the most frequent of GiBleed.
SINUSITIS, BRONCHITIS = 40481087, 260139


def of_conditions(concept, **more):
    return {"ConceptSets": [{"id": 0, "name": "a", "expression": {
                "items": [{"concept": {"CONCEPT_ID": concept}}]}},
                            {"id": 1, "name": "b", "expression": {
                "items": [{"concept": {"CONCEPT_ID": BRONCHITIS}}]}}],
            "PrimaryCriteria": {"CriteriaList": [{"ConditionOccurrence": {"CodesetId": 0}}],
                                "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
                                "PrimaryCriteriaLimit": {"Type": "All"}},
            "ExpressionLimit": {"Type": "All"},
            "EndStrategy": {"DateOffset": {"DateField": "StartDate", "Offset": 400}}, **more}


def rows_of(cohorts, folder, document):
    path = folder / "cohort.json"
    path.write_text(json.dumps(document))
    answer = cohorts.run("run", path, "--format", "csv").stdout.splitlines()
    return [(int(row["subject_id"]), datetime.date.fromisoformat(row["cohort_start_date"]),
             datetime.date.fromisoformat(row["cohort_end_date"])) for row in csv.DictReader(answer)]


def days_of(rows):
    return {(person, start + n * DAY) for person, start, end in rows
            for n in range((end - start).days + 1)}


def test_sets_of_cohorts_are_sets(gibleed, tmp_path):
    one, two = of_conditions(SINUSITIS), of_conditions(BRONCHITIS)
    a, b = rows_of(gibleed, tmp_path, one), rows_of(gibleed, tmp_path, two)
    persons = {row[0] for row in b}
    assert a and b and days_of(a) & days_of(b)

    def made(operation, **more):
        return rows_of(gibleed, tmp_path, {operation: [one, two], **more})

    assert days_of(made("Union")) == days_of(a) | days_of(b)
    assert days_of(made("Intersection", By="Day")) == days_of(a) & days_of(b)
    assert days_of(made("Difference", By="Day")) == days_of(a) - days_of(b)
    assert made("Intersection") == [row for row in a if row[0] in persons]
    assert made("Difference") == [row for row in a if row[0] not in persons]


def test_a_sequence_is_what_the_tables_say(gibleed, ohdsi, tmp_path):
    window = {"Start": {"Days": 0, "Coeff": -1}, "End": {"Days": 0, "Coeff": 1}}
    steps = [{"Criteria": {"ConditionOccurrence": {"CodesetId": 0}}},
             {"Criteria": {"ConditionOccurrence": {"CodesetId": 1}}, "After": {"Min": 1, "Max": 900}},
             {"Criteria": {"ConditionOccurrence": {"CodesetId": 0}}, "After": {"Min": 1}}]
    found = rows_of(gibleed, tmp_path, of_conditions(SINUSITIS, AdditionalCriteria={
        "Type": "ALL", "Sequences": [{"Steps": steps, "StartWindow": window}]},
        QualifiedLimit={"Type": "All"},
        EndStrategy={"DateOffset": {"DateField": "StartDate", "Offset": 0}}))
    events, periods = {}, {}
    read = lambda name: csv.DictReader(gzip.open(ohdsi / "gibleed_cdm" / f"{name}.csv.gz", "rt",
                                                 encoding="utf-8"))
    # GiBleed names a column "date(observation_period_start_date,'unixepoch')".
    columns = lambda row: {re.sub(r"^date\((\w+),.*", r"\1", name.lower()): value
                           for name, value in row.items()}
    for row in map(columns, read("condition_occurrence")):
        events.setdefault((int(row["person_id"]), int(row["condition_concept_id"])), []).append(
            datetime.date.fromisoformat(row["condition_start_date"][:10]))
    for row in map(columns, read("observation_period")):
        periods[int(row["person_id"])] = [
            datetime.date.fromisoformat(row[f"observation_period_{side}_date"][:10])
            for side in ("start", "end")]
    expected = set()
    for (person, concept), starts in events.items():
        if concept != SINUSITIS or person not in periods:
            continue
        first, last = periods[person]
        inside = lambda of: [day for day in events.get((person, of), []) if first <= day <= last]
        for start in inside(SINUSITIS):
            if any(1 <= (middle - start).days <= 900 and later > middle
                   for middle in inside(BRONCHITIS) for later in inside(SINUSITIS)):
                expected.add((person, start, start))
    assert expected
    assert set(found) == expected


def test_a_saved_cohort_is_a_criterion_and_a_member(gibleed, tmp_path):
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(of_conditions(BRONCHITIS)))
    gibleed.run("save", "bronchite", path)
    one = of_conditions(SINUSITIS)
    alone, saved = rows_of(gibleed, tmp_path, one), rows_of(gibleed, tmp_path,
                                                            of_conditions(BRONCHITIS))
    reference = {"Name": "bronchite", "Version": 1}
    assert rows_of(gibleed, tmp_path, {"SavedCohort": reference}) == saved
    both = rows_of(gibleed, tmp_path, {"Intersection": [one, {"SavedCohort": reference}]})
    assert both == [row for row in alone if row[0] in {row[0] for row in saved}]
    during = dict(AdditionalCriteria={"Type": "ALL", "Cohorts": [
        {**reference, "Relation": "During"}]}, QualifiedLimit={"Type": "All"},
        EndStrategy={"DateOffset": {"DateField": "StartDate", "Offset": 0}})
    found = {row[:2] for row in rows_of(gibleed, tmp_path, of_conditions(SINUSITIS, **during))}
    days = days_of(saved)
    starts = {row[:2] for row in rows_of(gibleed, tmp_path, of_conditions(
        SINUSITIS, EndStrategy=during["EndStrategy"]))}
    assert found == {start for start in starts if start in days} and found
    path.write_text(json.dumps({"SavedCohort": {"Name": "bronchite", "Version": 9}}))
    assert "bronchite" not in gibleed.run("sql", path, expect=2).stdout
    gibleed.run("run", path, expect=3)
    path.write_text(json.dumps({"SavedCohort": reference}))
    assert "at $.SavedCohort" in gibleed.run("save", "autre", path, expect=2).stderr


def test_sql_says_what_it_has_no_words_for(gibleed, tmp_path):
    path = tmp_path / "union.json"
    path.write_text(json.dumps({"Union": [of_conditions(SINUSITIS)] * 2}))
    done = gibleed.run("sql", path, expect=2)
    assert "a set of cohorts has no SQL" in done.stderr


def test_count_prints_the_steps_of_each_member(gibleed, tmp_path):
    path = tmp_path / "union.json"
    path.write_text(json.dumps({"Union": [of_conditions(SINUSITIS), of_conditions(BRONCHITIS)]}))
    steps = [json.loads(line)["step"] for line in
             gibleed.run("count", path, "--format", "ndjson").stdout.splitlines()]
    assert [step for step in steps if "cohort" in step] == ["member 1: cohort", "member 2: cohort",
                                                            "cohort"]
