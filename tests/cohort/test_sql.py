"""The SQL of a definition gives the rows that the index gives, which are the reference's.

A sample by default; EDS_LONG_TESTS=1 takes every definition (half an hour on two cores).
"""

import collections
import csv
import gzip
import io
import os
import re
import subprocess

import pytest

MODES = [pytest.param(["--circe"], id="circe"), pytest.param([], id="strict")]
LONG = os.environ.get("EDS_LONG_TESTS") == "1"


def by_id(text):
    rows = collections.defaultdict(list)
    for row in csv.DictReader(io.StringIO(text)):
        rows[row["cohort_definition_id"]].append(
            (row["subject_id"], row["cohort_start_date"], row["cohort_end_date"]))
    return {cohort: sorted(found) for cohort, found in rows.items()}


def compare(warehouse, files, mode):
    """How many rows both ways give."""
    index = by_id(warehouse.run("run", *files, "--format", "csv", *mode).stdout)
    done = subprocess.run([warehouse.eds, "-w", warehouse.warehouse, "cohort", "run", "--engine",
                           "duckdb", *files, "--format", "csv", *mode],
                          capture_output=True, text=True, timeout=7200)
    assert done.returncode == 0, done.stderr[-2000:]
    sql = by_id(done.stdout)
    different = sorted(cohort for cohort in index.keys() | sql.keys()
                       if index.get(cohort) != sql.get(cohort))
    assert different == []
    return sum(len(rows) for rows in index.values())


@pytest.mark.parametrize("mode", MODES)
def test_phenotype_library_on_gibleed_by_sql(gibleed, library, mode):
    assert compare(gibleed, library if LONG else library[5::60], mode) > 0


@pytest.mark.parametrize("mode", MODES)
def test_phenotype_library_on_persons_made_for_each_definition_by_sql(torture, library, mode):
    assert compare(torture, library if LONG else library[30::60], mode) > 0


@pytest.mark.parametrize("mode", MODES)
def test_random_definitions_by_sql(fuzz, ohdsi, tmp_path, mode):
    lines = gzip.decompress((ohdsi / "circe_oracle" / "fuzz" / "expressions.jsonl.gz").read_bytes())
    taken = lines.splitlines(keepends=True)[:: 1 if LONG else 15]
    path = tmp_path / "expressions.jsonl"
    path.write_bytes(b"".join(taken))
    assert compare(fuzz, [path], mode) > 0


def test_sql_is_printed_without_a_warehouse_and_reads_no_other_table(eds, library):
    assert library[0].stem == "2"
    for engine, quote in (("duckdb", '"'), ("spark", "`")):
        done = subprocess.run([eds, "cohort", "sql", library[0], "--engine", engine],
                              capture_output=True, text=True, cwd="/", check=True)
        assert done.stdout.startswith("-- cohort 2\nWITH ")
        assert f"AS {quote}cohort_end_date{quote}" in done.stdout
        made = set(re.findall(rf"^(?:WITH )?{quote}(\w+){quote} AS (?:MATERIALIZED )?\($", done.stdout, re.M))
        read = set(re.findall(rf"(?:FROM|JOIN) {quote}(\w+){quote}", done.stdout))
        assert read - made == {"concept", "concept_ancestor", "condition_occurrence",
                               "measurement", "observation_period"}


def test_an_engine_that_does_not_exist_is_wrong_usage(fuzz, library):
    assert "engine is" in fuzz.run("sql", library[0], "--engine", "oracle", expect=2).stderr
    assert "engine is" in fuzz.run("run", library[0], "--engine", "spark", expect=2).stderr
