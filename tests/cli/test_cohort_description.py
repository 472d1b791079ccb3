"""`eds cohort describe` against the same figures made in plain Python from the CDM's files."""

import collections
import csv
import datetime
import gzip
import io
import json
import math
import statistics

import pytest

from eds_command import SHARED, Eds, eds_path

CDM = SHARED / "ohdsi" / "circe_oracle" / "fuzz" / "cdm"
# Everybody from their first stay to the end of its observation period.
DEFINITION = {
    "ConceptSets": [], "PrimaryCriteria": {
        "CriteriaList": [{"VisitOccurrence": {}}],
        "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
        "PrimaryCriteriaLimit": {"Type": "First"}},
    "QualifiedLimit": {"Type": "First"}, "ExpressionLimit": {"Type": "All"},
    "InclusionRules": [], "CensoringCriteria": [],
    "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0}, "CensorWindow": {}}


def rows_of(table):
    with gzip.open(CDM / f"{table}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def day(text):
    return datetime.date.fromisoformat(text[:10])


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    eds_path()
    if not CDM.is_dir():
        pytest.skip("skipped: ../shared/data/ohdsi is not present")
    folder = tmp_path_factory.mktemp("fuzz")
    command = Eds(folder / "warehouse")
    command.run("init", command.warehouse)
    command.run("ingest", "--format", "omop-csv", CDM)
    (folder / "definition.json").write_text(json.dumps(DEFINITION))
    command.run("cohort", "save", "all", folder / "definition.json")
    shown = command.run("-f", "csv", "cohort", "show", "all", "--rows").stdout
    periods = collections.defaultdict(list)
    for row in csv.DictReader(io.StringIO(shown)):
        periods[row["subject_id"]].append(
            (day(row["cohort_start_date"]), day(row["cohort_end_date"])))
    return json.loads(command.run("cohort", "describe", "all").stdout), dict(periods)


def within(periods, person, text):
    return any(start <= day(text) <= end for start, end in periods.get(person, []))


def test_the_pyramid_counts_each_person_once_at_the_first_entry(described):
    found, periods = described
    expected = collections.Counter()
    for row in rows_of("person"):
        if row["person_id"] in periods:
            age = min(periods[row["person_id"]])[0].year - int(row["year_of_birth"])
            expected[max(age, 0) // 5 * 5, int(row["gender_concept_id"] or 0)] += 1
    assert {(each["age_from"], each["gender_concept_id"]): each["persons"]
            for each in found["pyramid"]} == dict(expected)
    assert sum(expected.values()) + found["not_in_person"] == found["persons"] == len(periods)


@pytest.mark.parametrize("name, table, concept, date", [
    ("conditions", "condition_occurrence", "condition_concept_id", "condition_start_date"),
    ("drugs", "drug_exposure", "drug_concept_id", "drug_exposure_start_date"),
    ("procedures", "procedure_occurrence", "procedure_concept_id", "procedure_date")])
def test_the_commonest_concepts_are_those_within_the_periods(described, name, table, concept,
                                                             date):
    found, periods = described
    records, persons = collections.Counter(), collections.defaultdict(set)
    for row in rows_of(table):
        if row[concept] and within(periods, row["person_id"], row[date]):
            records[int(row[concept])] += 1
            persons[int(row[concept])].add(row["person_id"])
    for each in found[name]:
        assert (each["persons"], each["records"]) == (
            len(persons[each["concept_id"]]), records[each["concept_id"]])
    counts = sorted(((len(persons[key]), records[key]) for key in records), reverse=True)
    assert [(each["persons"], each["records"]) for each in found[name]] == counts[:20]


def test_values_of_a_test_are_those_with_its_unit(described):
    found, periods = described
    values = collections.defaultdict(list)
    for row in rows_of("measurement"):
        if row["value_as_number"] and within(periods, row["person_id"], row["measurement_date"]):
            values[int(row["measurement_concept_id"]), int(row["unit_concept_id"] or 0)].append(
                float(row["value_as_number"]))
    assert found["labs"]
    for each in found["labs"]:
        wanted = sorted(values[each["concept_id"], each["unit_concept_id"]])
        assert each["records"] == len(wanted) and not each["sampled"]
        assert math.isclose(each["mean"], statistics.fmean(wanted), rel_tol=1e-9)
        assert math.isclose(each["median"], statistics.median(wanted), rel_tol=1e-9)
        if len(wanted) > 1:
            quarters = statistics.quantiles(wanted, n=4, method="inclusive")
            assert math.isclose(each["p25"], quarters[0], rel_tol=1e-9, abs_tol=1e-9)
            assert math.isclose(each["p75"], quarters[2], rel_tol=1e-9, abs_tol=1e-9)
        assert (each["min"], each["max"]) == (wanted[0], wanted[-1])


def test_stays_have_their_lengths(described):
    found, periods = described
    days, persons = collections.defaultdict(list), collections.defaultdict(set)
    for row in rows_of("visit_occurrence"):
        if within(periods, row["person_id"], row["visit_start_date"]):
            key = int(row["visit_concept_id"])
            days[key].append((day(row["visit_end_date"]) - day(row["visit_start_date"])).days)
            persons[key].add(row["person_id"])
    assert {each["visit_concept_id"]: (each["stays"], each["persons"], each["days"]["median"])
            for each in found["stays"]} == {
        key: (len(days[key]), len(persons[key]), statistics.median(days[key])) for key in days}


def test_survival_is_the_product_limit_of_those_at_risk(described):
    found, periods = described
    follow = []
    deaths = {row["person_id"]: day(row["death_date"]) for row in rows_of("death")}
    observed = collections.defaultdict(list)
    for row in rows_of("observation_period"):
        observed[row["person_id"]].append((day(row["observation_period_start_date"]),
                                           day(row["observation_period_end_date"])))
    before = 0
    for person, spans in periods.items():
        entry = min(spans)[0]
        end = max(last for first, last in observed[person] if first <= entry <= last)
        death = deaths.get(person)
        if death and death < entry:
            before += 1
        else:
            dies = death is not None and death <= end
            follow.append((((death if dies else end) - entry).days, dies))
    survival, steps = 1.0, []
    for time in sorted({time for time, dies in follow if dies}):
        risk = sum(other >= time for other, _ in follow)
        dead = sum(other == time and dies for other, dies in follow)
        survival *= 1 - dead / risk
        steps.append((time, risk, dead, survival))
    assert found["survival"]["dead_before_entry"] == before
    assert found["survival"]["persons"] == len(follow) and steps
    got = found["survival"]["steps"]
    assert [(each["days"], each["at_risk"], each["deaths"]) for each in got] == [
        step[:3] for step in steps]
    for each, step in zip(got, steps):
        assert math.isclose(each["survival"], step[3], rel_tol=1e-12)
        assert "low" not in each or each["low"] <= each["survival"] <= each["high"]
