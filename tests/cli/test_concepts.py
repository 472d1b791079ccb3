"""Concepts of a release with their records and persons, counted a second time in plain Python."""

import collections
import csv
import gzip
import io

import pytest

from eds_command import SHARED, Eds, eds_path

CDM = SHARED / "ohdsi" / "circe_oracle" / "fuzz" / "cdm"
COUNTED = {
    "condition_occurrence": ("condition_concept_id", "condition_source_concept_id",
                             "condition_start_date"),
    "drug_exposure": ("drug_concept_id", "drug_source_concept_id", "drug_exposure_start_date"),
    "procedure_occurrence": ("procedure_concept_id", "procedure_source_concept_id",
                             "procedure_date"),
    "device_exposure": ("device_concept_id", "device_source_concept_id",
                        "device_exposure_start_date"),
    "measurement": ("measurement_concept_id", "measurement_source_concept_id",
                    "measurement_date"),
    "observation": ("observation_concept_id", "observation_source_concept_id",
                    "observation_date"),
    "visit_occurrence": ("visit_concept_id", "visit_source_concept_id", "visit_start_date"),
    "visit_detail": ("visit_detail_concept_id", "visit_detail_source_concept_id",
                     "visit_detail_start_date"),
    "death": ("cause_concept_id", "cause_source_concept_id", "death_date"),
    "specimen": ("specimen_concept_id", "", "specimen_date"),
}


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory):
    eds_path()
    if not CDM.is_dir():
        pytest.skip("skipped: ../shared/data/ohdsi is not present")
    command = Eds(tmp_path_factory.mktemp("fuzz") / "warehouse")
    command.run("init", command.warehouse)
    command.run("ingest", "--format", "omop-csv", CDM)
    return command


def rows_of(table):
    with gzip.open(CDM / f"{table}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def events():
    """(concept, person, year) of each record: one entry, or two when its source is another."""
    found = []
    for table, (concept, source, date) in COUNTED.items():
        for row in rows_of(table):
            ids = {row[concept]} if row[concept] else set()
            if source and row.get(source) and row[source] != "0":
                ids.add(row[source])
            for each in ids:
                found.append((int(each), row["person_id"], int(row[date][:4])))
    return found


@pytest.fixture(scope="module")
def families():
    below = collections.defaultdict(set)
    for row in rows_of("concept_ancestor"):
        below[int(row["ancestor_concept_id"])].add(int(row["descendant_concept_id"]))
    return below


def listed(command, *args):
    return list(csv.DictReader(io.StringIO(command.run("-f", "csv", "terms", *args).stdout)))


def count(events, ids, year=None):
    chosen = [event for event in events if event[0] in ids and year in (None, event[2])]
    return len(chosen), len({person for _, person, _ in chosen})


def as_counts(row):
    return tuple(int(row[name])
                 for name in ("records", "persons", "records_below", "persons_below"))


def test_counts_are_those_of_a_second_way_of_counting(fuzz, events, families):
    concepts = sorted({int(row["concept_id"]) for row in rows_of("concept")})
    used = 0
    for concept in concepts[:40]:
        rows = [row for row in listed(fuzz, "show", concept, "--counts")
                if row["concept_id"] == str(concept)]
        expected = count(events, {concept}) + count(events, families[concept] | {concept})
        assert as_counts(rows[0]) == expected, concept
        used += expected[0] > 0
    assert used > 10


def test_years_add_up_as_they_must(fuzz, events, families):
    concept = max(families, key=lambda each: len(families[each]))
    family = families[concept] | {concept}
    found = {int(row["year"]): as_counts(row) for row in listed(fuzz, "show", concept, "--years")}
    years = {year for each, _, year in events if each in family}
    assert found == {year: count(events, {concept}, year) + count(events, family, year)
                     for year in years}


def test_the_hierarchy_has_parents_children_and_levels(fuzz):
    steps = [(int(row["ancestor_concept_id"]), int(row["descendant_concept_id"]),
              int(row["min_levels_of_separation"])) for row in rows_of("concept_ancestor")]
    middle = next(down for up, down, level in steps if level == 1
                  and any(other == down and down != low for other, low, _ in steps))
    found = {(row["relation"], int(row["level"]), int(row["concept_id"]))
             for row in listed(fuzz, "show", middle, "--hierarchy", "--below", 2)}
    expected = {("concept", 0, middle)}
    for up, down, level in steps:
        if down == middle and up != middle:
            expected.add(("parent" if level == 1 else "ancestor", level, up))
        if up == middle and down != middle and level <= 2:
            expected.add(("child" if level == 1 else "descendant", level, down))
    assert found == expected and len(expected) > 2


def test_search_counts_what_show_counts(fuzz):
    name = rows_of("concept")[5]["concept_name"]
    found = listed(fuzz, "search", name, "--counts")
    assert found
    for row in found:
        (shown,) = [each for each in listed(fuzz, "show", row["code"], "--counts")
                    if each["concept_id"] == row["concept_id"]]
        assert as_counts(shown) == as_counts(row)


def test_a_release_is_counted_once_and_a_later_one_anew(fuzz, events, tmp_path):
    folder = fuzz.warehouse / "derived" / "concepts"
    listed(fuzz, "search", "a", "--counts")
    before = sorted(path.name for path in folder.glob("*.db"))
    stamp = (folder / before[-1]).stat().st_ino
    listed(fuzz, "search", "a", "--counts")
    assert (folder / before[-1]).stat().st_ino == stamp
    concept = next(event[0] for event in events if event[0])
    shown = lambda: as_counts(next(row for row in listed(fuzz, "show", concept, "--counts")
                                   if row["concept_id"] == str(concept)))
    first = shown()
    extra = tmp_path / "condition_occurrence.csv"
    extra.write_text("condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
                     f"condition_type_concept_id\n99999999,1,{concept},2020-01-01,0\n")
    fuzz.run("ingest", "--format", "omop-csv", extra)
    assert shown()[0] == first[0] + 1
    assert len(list(folder.glob("*.db"))) == len(before) + 1
    assert not list(folder.glob("*.building"))
