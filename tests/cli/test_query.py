"""eds query: its formats, and what a researcher's SQL may not reach."""

import csv
import io
import json

import pyarrow.ipc
import pytest


@pytest.fixture
def filled(eds, tmp_path):
    folder = tmp_path / "cdm"
    folder.mkdir()
    (folder / "person.csv").write_text(
        "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id,"
        "gender_source_value\n"
        "9007199254740991,8532,1961,0,0,\"une \"\"femme\"\"\"\n2,8507,1950,0,0,\n")
    eds.run("ingest", "--format", "omop-csv", folder)
    return eds


SQL = ("SELECT person_id, year_of_birth::DOUBLE / 4 AS quarter, gender_source_value AS word, "
       "DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 13:45:00.25' AS time "
       "FROM person ORDER BY person_id")


def test_json_csv_and_arrow_say_the_same(filled):
    rows = json.loads(filled.run("-f", "json", "query", SQL).stdout)
    assert rows == [
        {"person_id": 2, "quarter": 487.5, "word": None, "day": "2024-02-29",
         "time": "2024-02-29T13:45:00.250000"},
        {"person_id": 9007199254740991, "quarter": 490.25, "word": 'une "femme"',
         "day": "2024-02-29", "time": "2024-02-29T13:45:00.250000"}]
    lines = filled.run("-f", "ndjson", "query", SQL).stdout.splitlines()
    assert [json.loads(line) for line in lines] == rows
    table = list(csv.DictReader(io.StringIO(filled.run("-f", "csv", "query", SQL).stdout)))
    assert [row["person_id"] for row in table] == ["2", "9007199254740991"]
    assert table[1]["word"] == 'une "femme"'


def test_arrow_is_read_by_arrow(filled):
    answer = filled.run_bytes("-f", "arrow", "query", SQL)
    table = pyarrow.ipc.open_stream(answer).read_all()
    assert table.column("person_id").to_pylist() == [2, 9007199254740991]
    assert table.column("word").to_pylist() == [None, 'une "femme"']
    assert str(table.schema.field("time").type) == "timestamp[us]"


@pytest.mark.parametrize("sql", [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM \"/etc/passwd\"",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM parquet_metadata('x')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('person')",
    "SELECT current_setting('temp_directory')",
    "SELECT * FROM eds_load_key",
    "ATTACH '/tmp/x.db'",
    "COPY person TO '/tmp/x.csv'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "PRAGMA database_list",
    "CREATE TABLE x AS SELECT 1",
    "DROP VIEW person",
    "DELETE FROM person",
    "SELECT 1; SELECT 2",
    "EXPLAIN ANALYZE SELECT 1",
    "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
    "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))",
    "FROM read_text('/etc/passwd')",
    "not sql at all",
])
def test_sql_that_reaches_out_is_refused(filled, sql):
    done = filled.run("query", sql, expect=2)
    assert "root:" not in done.stdout + done.stderr
    assert done.stdout == ""


def test_a_refusal_is_in_the_audit(filled):
    filled.run("query", "SELECT * FROM read_text('/etc/passwd')", expect=2)
    events = [json.loads(line) for line in filled.run("audit", "search", "query").stdout.splitlines()]
    assert any(event.get("outcome") == "refused" for event in events)
    assert "sound" in filled.run("audit", "verify").stdout


def test_earlier_releases_answer_as_they_did(filled, tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "person.csv").write_text(
        "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n"
        "3,8507,1980,0,0\n")
    filled.run("ingest", "--format", "omop-csv", folder)
    filled.run("release", "tag", "r1", "before")
    assert filled.value("SELECT count(*) FROM person") == 3
    count = filled.run("-f", "csv", "-r", "before", "query", "SELECT count(*) n FROM person")
    assert count.stdout == "n\n2\n"
    diff = json.loads(filled.run("-f", "json", "release", "diff", "r1", "r2").stdout)
    assert {row["table"]: row["difference"] for row in diff}["person"] == 1
