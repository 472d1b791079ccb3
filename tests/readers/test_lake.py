"""Every kind of commit that EDS makes, read by independent Delta readers at every version.

lake_driver.cc makes the warehouse and says what each version must hold; see lake_story.cc for the
acts. A reader disagrees when one row, one column or one bit of a number differs.
"""

import json
import subprocess

import pytest

import lake_readers
from lake_expected import canonical, parse

KINDS = ["create", "append", "rewrite", "special values", "person merge", "compaction", "erase",
         "erase all", "append after erase all", "create narrow", "schema addition",
         "rewrite of a narrow file", "narrow past a checkpoint",
         "schema addition past a checkpoint", "many versions", "past a checkpoint"]


@pytest.fixture(scope="session")
def lake(lake_driver, tmp_path_factory):
    directory = tmp_path_factory.mktemp("lake")
    subprocess.run([lake_driver, str(directory)], check=True)
    return directory


@pytest.fixture(scope="session")
def steps(lake):
    lines = (lake / "steps.tsv").read_text().splitlines()
    return [(table, int(version), kind)
            for table, version, kind in (line.split("\t") for line in lines)]


def table_directory(lake, table):
    return lake / "warehouse" / "lake" / table


# ClickHouse's own log reader refuses, loudly, a table that ever got new columns ("Reading from
# files with different schema is not possible").
REFUSED = {"chdb_own_log": {"device_exposure", "procedure_occurrence"}}


def reads(reader, table):
    return table not in REFUSED.get(reader.__name__, set())


def difference(expected, found):
    """A short account of what differs; nothing when nothing does."""
    names, rows = expected
    found_names, found_rows = found
    if list(found_names) != list(names):
        return f"columns {list(found_names)} instead of {list(names)}"
    found_rows = canonical(found_rows)
    if found_rows == rows:
        return None
    missing = [row for row in rows if row not in found_rows][:2]
    extra = [row for row in found_rows if row not in rows][:2]
    return (f"{len(found_rows)} rows instead of {len(rows)}; "
            f"missing {str(missing)[:600]}; extra {str(extra)[:600]}")


def check(reader, lake, steps, kind):
    told = [(table, version) for table, version, step in steps if step == kind]
    assert told, f"the driver told no step of kind {kind}"
    told = [(table, version) for table, version in told if reads(reader, table)]
    if not told:
        pytest.skip(f"{reader.__name__} refuses tables that got new columns")
    wrong = []
    for table, version in told:
        expected = parse(lake / "expected" / f"{table}.{version}.csv")
        try:
            found = reader(table_directory(lake, table), version)
        except Exception as error:  # noqa: BLE001: the message is the finding
            wrong.append(f"{table} version {version}: {type(error).__name__}: {str(error)[:600]}")
            continue
        account = difference(expected, found)
        if account:
            wrong.append(f"{table} version {version}: {account}")
    assert not wrong, "\n".join(wrong)


def last_versions(steps):
    last = {}
    for table, version, _ in steps:
        last[table] = max(version, last.get(table, 0))
    return last


def test_the_driver_told_every_kind(steps):
    assert {kind for _, _, kind in steps} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_scan_agrees(lake, steps, kind):
    for table, version, step in steps:
        if step == kind:
            name = f"{table}.{version}.csv"
            assert parse(lake / "ours" / name) == parse(lake / "expected" / name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", lake_readers.QUICK, ids=lambda reader: reader.__name__)
def test_reader_agrees_at_every_version(reader, lake, steps, kind):
    check(reader, lake, steps, kind)


@pytest.mark.parametrize("reader", lake_readers.QUICK, ids=lambda reader: reader.__name__)
def test_reader_agrees_without_a_version(reader, lake, steps):
    for table, version in last_versions(steps).items():
        if not reads(reader, table):
            continue
        expected = parse(lake / "expected" / f"{table}.{version}.csv")
        assert difference(expected, reader(table_directory(lake, table), None)) is None


@pytest.mark.spark
@pytest.mark.parametrize("kind", KINDS)
def test_spark_agrees_at_every_version(lake, steps, kind):
    check(lake_readers.spark, lake, steps, kind)


@pytest.mark.spark
def test_spark_agrees_without_a_version(lake, steps):
    for table, version in last_versions(steps).items():
        expected = parse(lake / "expected" / f"{table}.{version}.csv")
        assert difference(expected, lake_readers.spark(table_directory(lake, table), None)) is None


def commits(lake, table):
    log = table_directory(lake, table) / "_delta_log"
    for path in sorted(log.glob("*.json")):
        yield int(path.stem), [json.loads(line) for line in path.read_text().splitlines()]


def test_every_action_speaks_of_the_file_that_lies_there(lake, steps):
    """Sizes, row counts, null counts and ranges of each add are those that pyarrow finds."""
    import pyarrow.parquet as pq
    for table in last_versions(steps):
        live = set()
        for version, actions in commits(lake, table):
            assert "commitInfo" in actions[0]
            for remove in (action["remove"] for action in actions if "remove" in action):
                assert remove["path"] in live, f"{table} {version} removes what is not there"
                live.remove(remove["path"])
            for add in (action["add"] for action in actions if "add" in action):
                assert add["path"] not in live
                live.add(add["path"])
                path = table_directory(lake, table) / add["path"]
                assert path.stat().st_size == add["size"]
                check_stats(pq.read_table(path), json.loads(add["stats"]))


def check_stats(rows, stats):
    import pyarrow.compute as pc
    assert stats["numRecords"] == rows.num_rows
    for name, count in stats["nullCount"].items():
        assert rows.column(name).null_count == count
    for name, least in stats["minValues"].items():
        found = pc.min_max(rows.column(name)).as_py()
        assert str(found["min"]) == str(least)
        assert str(found["max"]) == str(stats["maxValues"][name])


def test_nothing_but_the_log_and_its_files_lies_in_a_table(lake, steps):
    for table in last_versions(steps):
        directory = table_directory(lake, table)
        named = set()
        for _, actions in commits(lake, table):
            named |= {action["add"]["path"] for action in actions if "add" in action}
        assert {path.name for path in directory.iterdir()} - {"_delta_log"} == named


def test_checkpoints_are_there_and_are_used(lake, tmp_path):
    """With the commits before a checkpoint gone, the table reads the same: readers used it."""
    import shutil
    log = table_directory(lake, "observation") / "_delta_log"
    assert sorted(path.name[:20] for path in log.glob("*.checkpoint.parquet")) == [
        f"{100:020}", f"{200:020}"]
    assert json.loads((log / "_last_checkpoint").read_text())["version"] == 200
    copy = tmp_path / "observation"
    shutil.copytree(table_directory(lake, "observation"), copy)
    for version in range(200):
        (copy / "_delta_log" / f"{version:020}.json").unlink()
    expected = parse(lake / "expected" / "observation.203.csv")
    for reader in lake_readers.QUICK:
        assert difference(expected, reader(copy, None)) is None, reader.__name__


def reprojected(lake_driver, lake, tmp_path):
    """A copy of the warehouse whose Delta logs were lost and made again from the catalogue."""
    import shutil
    import sqlite3
    copy = tmp_path / "again"
    shutil.copytree(lake / "warehouse", copy / "warehouse")
    shutil.copytree(lake / "expected", copy / "expected")
    for log in (copy / "warehouse" / "lake").glob("*/_delta_log"):
        shutil.rmtree(log)
    with sqlite3.connect(copy / "warehouse" / "catalogue.db") as catalogue:
        catalogue.execute("UPDATE lake_table SET projected_version = -1")
    catalogue.close()
    subprocess.run([lake_driver, "--open", str(copy / "warehouse")], check=True)
    return copy


def test_lost_logs_are_made_again_byte_for_byte(lake_driver, lake, tmp_path):
    again = reprojected(lake_driver, lake, tmp_path)
    before = {path.relative_to(lake): path.read_bytes()
              for path in lake.glob("warehouse/lake/*/_delta_log/*.json")}
    after = {path.relative_to(again): path.read_bytes()
             for path in again.glob("warehouse/lake/*/_delta_log/*.json")}
    assert before and before == after


def test_lost_checkpoints_are_made_again_with_their_own_columns(
        lake_driver, lake, steps, tmp_path):
    again = reprojected(lake_driver, lake, tmp_path)
    check(lake_readers.duckdb, again, steps, "narrow past a checkpoint")


def test_a_commit_without_its_removes_is_noticed(lake, steps, tmp_path):
    """The comparison itself: a log that lost a remove action must not pass."""
    import shutil
    copy = tmp_path / "measurement"
    shutil.copytree(table_directory(lake, "measurement"), copy)
    commit = copy / "_delta_log" / f"{4:020}.json"
    lines = commit.read_text().splitlines(keepends=True)
    assert any('"remove"' in line for line in lines)
    commit.write_text("".join(line for line in lines if '"remove"' not in line))
    expected = parse(lake / "expected" / "measurement.4.csv")
    for reader in lake_readers.QUICK:
        assert difference(expected, reader(copy, 4)) is not None, reader.__name__
