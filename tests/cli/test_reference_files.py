"""Real reference files load completely: rows are counted in the files by Python's csv module."""

import csv
import gzip
import io
import json
import zipfile

csv.field_size_limit(10_000_000)


def rows_of(text):
    return max(0, sum(1 for _ in csv.reader(io.StringIO(text))) - 1)


def check_tables(eds, expected):
    counted = {row["table"]: row["rows"] for row in json.loads(
        eds.run("-f", "json", "release", "show").stdout)}
    assert {t: n for t, n in counted.items() if not t.startswith("eds_")} == {
        t: n for t, n in expected.items() if n > 0}


def test_gibleed_loads_completely(eds, shared):
    folder = shared / "ohdsi" / "gibleed_cdm"
    expected = {path.name.split(".")[0]: rows_of(gzip.open(path, "rt", encoding="utf-8").read())
                for path in folder.glob("*.csv.gz")}
    report = eds.report("--format", "omop-csv", folder)
    assert sum(file["rejects"] for file in report["files"]) == 0
    check_tables(eds, expected)
    # Headers that are SQL expressions, and a misspelt one, still find their columns.
    warnings = {reason.split(":")[0]: count for file in report["files"]
                for reason, count in file["warnings_by_reason"].items()}
    assert warnings == {"person_source_value": 2694}  # a pseudonym stands for each
    with gzip.open(folder / "vocabulary.csv.gz", "rt", encoding="utf-8") as file:
        references = {row[0]: row[2] for row in list(csv.reader(file))[1:]}
    assert {row["vocabulary_id"]: row["vocabulary_reference"] or "" for row in eds.query(
        "SELECT vocabulary_id, vocabulary_reference FROM vocabulary")} == references
    # Periods of unknown persons are kept: 5,343 periods, 2,694 persons.
    assert eds.value("SELECT count(*) FROM observation_period o "
                     "ANTI JOIN person p ON o.person_id = p.person_id") == 5343 - 2694
    again = eds.report("--format", "omop-csv", folder)
    assert again["release"] is None and all(file["already_fed"] for file in again["files"])


def test_gibleed_sums_are_those_of_the_files(eds, shared):
    folder = shared / "ohdsi" / "gibleed_cdm"
    eds.report("--format", "omop-csv", folder)
    with gzip.open(folder / "measurement.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    (got,) = eds.query(
        "SELECT sum(measurement_id)::DOUBLE ids, sum(person_id)::DOUBLE persons, "
        "sum(value_as_number) total, count(value_as_number) n, min(measurement_date) earliest, "
        "max(measurement_date) latest FROM measurement")
    assert got["ids"] == sum(int(row[0]) for row in rows)
    assert got["persons"] == sum(int(row[1]) for row in rows)
    # Some exports write NULL as an empty field; GiBleed's values are all missing.
    values = [float(row[8]) for row in rows if row[8] != ""]
    assert got["n"] == len(values)
    assert abs((got["total"] or 0) - sum(values)) <= 1e-6 * abs(sum(values))
    assert got["earliest"] == min(row[3] for row in rows)
    assert got["latest"] == max(row[3] for row in rows)


def test_synthea27nj_loads_completely(eds, shared):
    (path,) = (shared / "ohdsi" / "synthea27nj").glob("*.zip")
    expected = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith(".csv") and "__MACOSX" not in name:
                table = name.rsplit("/", 1)[-1].split(".")[0].lower()
                expected[table] = rows_of(archive.read(name).decode("utf-8"))
    report = eds.report("--format", "omop-csv", path)
    assert sum(file["rejects"] for file in report["files"]) == 0
    check_tables(eds, expected)


def test_pmsi_files_load_as_their_expected_parse_says(eds, shared):
    folder = shared / "french" / "pmsi" / "synthetic"
    lines = [json.loads(line) for line in (folder / "rss_expected.jsonl").read_text().splitlines()]
    rums = [line for line in lines if line["file"] == "rss_122_grouped.txt"]
    eds.run("ingest", "--format", "pmsi-rss", "--authority", "990000001",
            folder / "rss_122_grouped.txt", expect=None)
    roles = {row["role"]: row["n"] for row in eds.query(
        "SELECT condition_status_source_value AS role, count(*) n FROM condition_occurrence "
        "GROUP BY 1")}
    rejected = eds.value("SELECT sum(reject_count)::BIGINT FROM eds_source")
    assert rejected == 0
    assert roles.get("DP") == len(rums)
    assert roles.get("DR", 0) == sum(1 for rum in rums if rum["dr"])
    assert roles.get("DA") == sum(len(rum["das"]) for rum in rums)
    assert eds.value("SELECT count(*) FROM procedure_occurrence") == sum(
        len(rum["acts"]) for rum in rums)
    assert eds.value("SELECT count(*) FROM visit_detail") == len(rums)
    assert eds.value("SELECT count(*) FROM visit_occurrence") == len({rum["nas"] for rum in rums})
    ghms = {row["ghm"] for row in eds.query("SELECT DISTINCT ghm FROM eds_pmsi_rum")}
    assert ghms == {rum["ghm"] for rum in rums}
    # The same stays, ungrouped, from another file: the RUM are replaced, not doubled.
    eds.run("ingest", "--format", "pmsi-rss", "--authority", "990000001",
            folder / "rss_022_ungrouped.txt", expect=None)
    assert eds.value("SELECT count(*) FROM visit_detail") == len(rums)
