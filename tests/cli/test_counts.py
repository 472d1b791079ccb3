"""What people without a data right are given: protected counts, and the aggregate store."""

import json
import shutil
import subprocess

import pytest

from eds_command import Eds, eds_path
from test_audit_doors import COHORT


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """kate may count everywhere, rita reads (pseudonymised), dim steers, tom counts in one unit."""
    root = tmp_path_factory.mktemp("counts")
    eds = Eds(root / "warehouse")
    subprocess.run([eds_path(), "init", eds.warehouse], check=True, capture_output=True)
    eds.run("synth", "--patients", 600, "--seed", 8, "--into", eds.warehouse)
    eds.run("access", "sync")
    unit = eds.query("SELECT care_site_source_value AS c FROM care_site JOIN visit_detail USING "
                     "(care_site_id) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")[0]["c"]
    for name, role, where in (("kate", "aggregates", "*"), ("rita", "researcher", "*"),
                              ("tom", "aggregates", unit)):
        eds.run("user", "add", name)
        eds.run("--ground", "mandate", "access", "grant", name, role, where)
        eds.run("user", "session", name, root / f"{name}.ticket", "--factors", 2)
    (root / "cohort.json").write_text(json.dumps(COHORT))
    return root, unit


@pytest.fixture
def house(furnished, tmp_path):
    root, unit = furnished
    shutil.copytree(root, tmp_path, dirs_exist_ok=True)
    eds = Eds(tmp_path / "warehouse")
    eds.unit, eds.folder = unit, tmp_path

    def act(name, *args, expect=0):
        done = eds.run("--session", tmp_path / f"{name}.ticket", "--ground", "mandate", "-f",
                       "json", *args, expect=expect)
        return json.loads(done.stdout) if expect == 0 else done.stderr
    eds.act = act
    return eds


def band(eds, name, sql):
    return eds.act(name, "query", "--count", sql)[0]["persons"]


def test_who_may_only_count_gets_bands_and_no_row(house):
    true = house.value("SELECT count(*) FROM person WHERE year_of_birth < 1980")
    low, high = map(int, band(house, "kate", "SELECT person_id FROM person WHERE year_of_birth "
                                             "< 1980").split("-"))
    assert high - low == 10 and low - 10 <= true <= high + 10
    assert "D13" in house.act("kate", "query", "SELECT count(*) FROM person", expect=2)
    one = house.value("SELECT min(person_id) FROM person")
    assert band(house, "kate", f"SELECT person_id FROM person WHERE person_id = {one}") == "<10"
    assert band(house, "kate", "SELECT person_id FROM person WHERE false") == "<10"


def test_the_same_persons_have_the_same_count_however_they_are_asked_for(house):
    wordings = ["SELECT person_id FROM person WHERE year_of_birth < 1980",
                "SELECT person_id FROM person WHERE NOT (year_of_birth >= 1980)",
                "SELECT p.person_id FROM person p JOIN person q USING (person_id) "
                "WHERE q.year_of_birth < 1980 GROUP BY 1",
                "SELECT person_id, year_of_birth FROM person WHERE year_of_birth BETWEEN 0 AND "
                "1979"]
    assert len({band(house, "kate", sql) for sql in wordings}) == 1
    assert {band(house, "rita", sql) for sql in wordings} == {band(house, "kate", wordings[0])}


def test_counting_with_and_without_a_person_says_nothing_of_him(house):
    young = "SELECT person_id FROM person WHERE year_of_birth >= 1980"
    whole = band(house, "kate", young)
    for person in house.query(f"SELECT min(person_id) AS p FROM ({young}) UNION ALL "
                              "SELECT min(person_id) FROM person WHERE year_of_birth < 1980"):
        assert band(house, "kate", f"{young} AND person_id <> {person['p']}") == whole


def test_nearly_the_same_again_and_again_is_refused(house):
    base = "SELECT person_id FROM person WHERE year_of_birth >= 1950"
    persons = [row["person_id"] for row in house.query(f"{base} ORDER BY 1 LIMIT 9")]
    band(house, "kate", base)
    for person in persons[:7]:
        band(house, "kate", f"{base} AND person_id <> {person}")
    said = house.act("kate", "query", "--count", f"{base} AND person_id <> {persons[7]}", expect=2)
    assert "nearly the same persons" in said


@pytest.mark.parametrize("sql", [
    "SELECT person_id FROM person WHERE CAST(gender_source_value AS INTEGER) = 1",
    "SELECT error(gender_source_value) AS person_id FROM person",
    "SELECT person_id FROM person WHERE ln(year_of_birth - 1980) > 0",
    "SELECT person_id FROM read_parquet('x')", "SELECT i AS person_id FROM range(9) t(i)"])
def test_a_statement_that_a_row_could_make_fail_is_not_counted(house, sql):
    house.act("kate", "query", "--count", sql, expect=2)


def test_errors_of_a_count_hold_no_value(house):
    said = house.act("kate", "query", "--count", "SELECT nothing AS person_id FROM person",
                     expect=2)
    assert "does not run" in said or "nothing" in said


def test_a_cohort_is_counted_exactly_for_who_reads_and_in_a_band_for_who_counts(house):
    cohort = house.folder / "cohort.json"
    exact = {row["step"]: row["persons"] for row in house.act("rita", "cohort", "count", cohort)}
    assert exact["cohort"] == house.value("SELECT count(DISTINCT person_id) FROM visit_occurrence")
    (row,) = house.act("kate", "cohort", "count", cohort)
    low, high = map(int, row["persons"].split("-"))
    assert low - 10 <= exact["cohort"] <= high + 10
    assert "D13" in house.act("kate", "cohort", "count", "--statistics", cohort, expect=2)
    for verb in ("run", "explain"):
        house.act("kate", "cohort", verb, cohort, expect=2)


def test_the_aggregate_store_has_the_lakes_numbers_and_hides_few_persons(house):
    deltalake = pytest.importorskip("deltalake")
    house.act("tom", "steering", "build", expect=2)  # One unit is not the institution.
    house.run("--session", house.folder / "kate.ticket", "--ground", "mandate",
              "steering", "build")
    store = house.warehouse / "aggregates" / "unit_activity"
    rows = deltalake.DeltaTable(str(store)).to_pyarrow_table().to_pylist()
    truth = {}
    for month in ("month(visit_detail_start_date)", "NULL"):
        for unit in ("care_site_source_value", "NULL"):
            for row in house.query(
                    f"SELECT year(visit_detail_start_date) AS y, {month} AS m, {unit} AS u, "
                    "count(*) AS stays, count(DISTINCT visit_detail.person_id) AS persons "
                    "FROM visit_detail JOIN care_site USING (care_site_id) GROUP BY ALL"):
                truth[row["y"], row["m"], row["u"]] = row["stays"], row["persons"]
    assert len(rows) >= len(truth)
    shown = 0
    for row in rows:
        stays, persons = truth.get((row["year"], row["month"], row["unit_code"]), (0, 0))
        if row["is_hidden"]:
            assert row["stays"] is None and row["persons"] is None and row["mean_days"] is None
        else:
            assert (row["stays"], row["persons"]) == (stays, persons) and persons >= 10
            shown += 1
    few = {key for key, (_, persons) in truth.items() if persons < 10}
    assert few <= {(row["year"], row["month"], row["unit_code"]) for row in rows
                   if row["is_hidden"]}
    assert shown > 0 and few


def test_a_second_build_replaces_the_first_and_leaves_no_earlier_bytes(house):
    deltalake = pytest.importorskip("deltalake")
    store = house.warehouse / "aggregates" / "unit_activity"
    before = None
    for version in (0, 1, 2):
        house.run("--session", house.folder / "kate.ticket", "--ground", "mandate", "steering",
                  "build")
        table = deltalake.DeltaTable(str(store))
        assert table.version() == version
        rows = table.to_pyarrow_table().num_rows
        assert before in (None, rows)
        before = rows
        assert len(list(store.glob("*.parquet"))) == 1
        assert not list(store.rglob("draft-*"))


def test_who_steers_one_unit_sees_that_unit_and_no_total(house):
    house.run("--session", house.folder / "kate.ticket", "--ground", "mandate", "steering",
              "build")
    assert {row["unit"] for row in house.act("tom", "steering", "show")} == {house.unit}
    assert "all" in {row["unit"] for row in house.act("kate", "steering", "show")}
    assert "D" in house.run("--session", house.folder / "kate.ticket", "steering", "show",
                            expect=2).stderr  # Care is no ground to steer on.
