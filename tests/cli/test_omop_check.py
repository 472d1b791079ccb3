"""`eds check --omop` against the recorded answers of OHDSI's Data Quality Dashboard."""

import csv
import io
import json
import shutil

import duckdb
import pytest

from eds_command import SHARED, Eds, eds_path

DQD = SHARED / "ohdsi" / "dqd"
# The reference's own statement for this check did not parse on PostgreSQL: OFFSET is a word of SQL.
WITHOUT_ANSWER = {("cdmField", "NOTE_NLP", "offset")}
LEFT_OUT = {"CONCEPT", "VOCABULARY", "CONCEPT_ANCESTOR", "CONCEPT_RELATIONSHIP", "CONCEPT_CLASS",
            "CONCEPT_SYNONYM", "RELATIONSHIP", "DOMAIN"}


def fed(folder, cdm):
    command = Eds(folder / "warehouse")
    command.run("init", command.warehouse)
    # Synthetic persons: without the flag their source values stay out of the lake, as missing.
    command.run("ingest", "--format", "omop-csv", cdm, expect=None)
    return command


@pytest.fixture(scope="module")
def gibleed(tmp_path_factory):
    eds_path()
    if not DQD.is_dir():
        pytest.skip("skipped: ../shared/data/ohdsi/dqd is not present")
    return fed(tmp_path_factory.mktemp("gibleed"), SHARED / "ohdsi" / "gibleed_cdm")


def checked(command, *args):
    """The findings; a release with a failed check ends with 1."""
    printed = command.run("-f", "csv", "check", "--omop", *args, expect=1).stdout
    return list(csv.DictReader(io.StringIO(printed)))


def control(level):
    with open(DQD / f"OMOP_CDMv5.4_{level}_Level.csv", encoding="utf-8-sig") as file:
        return [row for row in csv.DictReader(file) if row["cdmTableName"] not in LEFT_OUT]


def test_gibleed_has_the_violations_that_the_reference_found(gibleed):
    with open(DQD / "expected_dqd_gibleed.csv") as file:
        expected = list(csv.DictReader(file))
    found = checked(gibleed)
    names = ["check_level", "check_name", "cdm_table_name", "cdm_field_name", "concept_id",
             "unit_concept_id"]
    assert [[row[name] for name in names] for row in found] == [
        [row[name] for name in names] for row in expected]
    assert len(found) == 2376
    different = []
    for got, wanted in zip(found, expected):
        place = (got["check_name"], got["cdm_table_name"], got["cdm_field_name"])
        if place in WITHOUT_ANSWER:
            assert wanted["error"]
            continue
        counts = ("num_violated_rows", "num_denominator_rows")
        if [got[name] for name in counts] != [wanted[name] for name in counts]:
            different.append(place)
    assert different == []
    assert sum(row["num_violated_rows"] != "0" for row in found) == 137


def thresholds():
    """(check, table, field, concept) -> percentage, from the reference's files."""
    found = {}
    for level in ("Table", "Field", "Concept"):
        for row in control(level):
            for name, value in row.items():
                if name.endswith("Threshold") and value:
                    found[name[:-len("Threshold")], row["cdmTableName"],
                          row.get("cdmFieldName", "").lower(), row.get("conceptId", "")] = float(
                              value)
    return found


def wanted_status(row, limits, filled, rows_of):
    """The rules of the reference's evaluateThresholds and calculateNotApplicableStatus."""
    table, field, name = row["cdm_table_name"], row["cdm_field_name"].lower(), row["check_name"]
    violated, denominator = int(row["num_violated_rows"]), int(row["num_denominator_rows"])
    always = name in ("cdmTable", "cdmField", "measurePersonCompleteness")
    if name == "measureConditionEraCompleteness":
        if rows_of["CONDITION_OCCURRENCE"] == 0:
            return "not applicable"
    elif not always:
        if rows_of[table] == 0:
            return "not applicable"
        is_empty = field and not filled[table, field]
        is_absent = row["concept_id"] and denominator == 0
        if name != "measureValueCompleteness" and (is_empty or is_absent):
            return "not applicable"
    limit = limits.get((name, table, field, row["concept_id"]), 0)
    share = violated / denominator * 100 if denominator else 0
    return "fail" if (violated > 0 if limit == 0 else share > limit) else "pass"


def test_a_check_passes_fails_or_does_not_apply_as_the_reference_says(gibleed):
    limits = thresholds()
    found = checked(gibleed)
    filled, rows_of = {}, {}
    for row in found:
        if row["check_name"] == "measureValueCompleteness":
            count = int(row["num_denominator_rows"])
            rows_of[row["cdm_table_name"]] = count
            filled[row["cdm_table_name"], row["cdm_field_name"]] = (
                count > int(row["num_violated_rows"]))
    wrong = [(row["check_name"], row["cdm_table_name"], row["cdm_field_name"], row["status"])
             for row in found if row["status"] != wanted_status(row, limits, filled, rows_of)]
    assert wrong == []
    assert {row["status"] for row in found} == {"pass", "fail", "not applicable"}


def test_a_folder_of_control_files_gives_its_thresholds(gibleed, tmp_path):
    folder = tmp_path / "controls"
    shutil.copytree(DQD, folder)
    assert checked(gibleed, "--checks", folder) == checked(gibleed)
    path = folder / "OMOP_CDMv5.4_Field_Level.csv"
    path.chmod(0o644)
    with open(path, encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if (row["cdmTableName"], row["cdmFieldName"]) == ("VISIT_OCCURRENCE", "visit_end_date"):
            row["plausibleValueLowThreshold"] = "3"
    folder.chmod(0o755)
    with open(path, "w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    before, after = ({tuple(row.values())[:6]: row["status"] for row in checked(gibleed, *args)}
                     for args in ([], ["--checks", folder]))
    changed = {place: after[place] for place in before if before[place] != after[place]}
    # 28 of 1,037 are 2.7 %.
    assert list(changed.values()) == ["pass"]
    assert list(changed)[0][1:4] == ("plausibleValueLow", "VISIT_OCCURRENCE", "visit_end_date")


def test_a_folder_without_control_files_is_refused(gibleed, tmp_path):
    done = gibleed.run("check", "--omop", "--checks", tmp_path, expect=None)
    assert done.returncode == 3 and "OMOP_CDMv5.4_Table_Level.csv" in done.stderr


def dashboard(command, folder):
    path = folder / "results.json"
    command.run("check", "--omop", "--dashboard", path, expect=None)
    return json.loads(path.read_text())


def by_sql(command, results):
    """Places where a check's own statement, run by DuckDB, counts otherwise."""
    base = duckdb.connect()
    folders = {path.name for path in (command.warehouse / "lake").iterdir()}
    fields = {}
    for row in results["CheckResults"]:
        if row["checkName"] == "cdmField":
            fields.setdefault(row["cdmTableName"].lower(), []).append(row["cdmFieldName"].lower())
    for table in set(fields) | {"concept", "concept_ancestor", "vocabulary"}:
        if table in folders:
            base.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet("
                         f"'{command.warehouse}/lake/{table}/*.parquet')")
    different = []
    for row in results["CheckResults"]:
        if row["cdmTableName"].lower() not in folders:
            continue
        try:
            counts = base.execute(row["queryText"]).fetchone()
        except duckdb.CatalogException:  # It joins a table without rows.
            continue
        if counts != (row["numViolatedRows"], row["numDenominatorRows"]):
            different.append((row["checkId"], counts, row["numViolatedRows"]))
    return different


def test_one_scan_counts_what_one_statement_a_check_counts(gibleed, tmp_path):
    fuzz = fed(tmp_path, SHARED / "ohdsi" / "circe_oracle" / "fuzz" / "cdm")
    assert by_sql(fuzz, dashboard(fuzz, tmp_path)) == []


def test_the_dashboards_file_is_as_its_viewer_reads_it(gibleed, tmp_path):
    results = dashboard(gibleed, tmp_path)
    assert set(results) == {"startTimestamp", "endTimestamp", "executionTime",
                            "executionTimeSeconds", "CheckResults", "Metadata", "Overview"}
    assert results["Metadata"][0]["cdmSourceName"]
    found = results["CheckResults"]
    assert len(found) == 2376
    # What inst/shinyApps/www/js/loadResults.js of the dashboard asks of each.
    for row in found:
        assert {"checkName", "checkDescription", "checkLevel", "cdmTableName", "checkId", "category",
                "context", "failed", "passed", "isError", "notApplicable", "numViolatedRows",
                "pctViolatedRows", "numDenominatorRows", "executionTime", "queryText"} <= set(row)
        assert row["failed"] + row["passed"] + row["isError"] + row["notApplicable"] == 1
    assert results["Overview"]["countTotal"] == [2376]
    assert results["Overview"]["countOverallFailed"] == [sum(row["failed"] for row in found)]
    assert results["Overview"]["percentFailed"] == [2.56]  # 61 of 2,376


DIRTY = {
    # Two Males of 1980, a woman without gender known, one born on a day that does not exist.
    "person": ("person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,"
               "birth_datetime,race_concept_id,ethnicity_concept_id",
               ["1,8507,1980,1,15,,0,0", "2,8507,1980,,,,0,0", "3,8532,2001,2,30,,0,0",
                "4,0,1849,13,1,,0,0"]),
    "observation_period": (
        "observation_period_id,person_id,observation_period_start_date,"
        "observation_period_end_date,period_type_concept_id",
        # 1: two periods that touch; 2: a day between; 3: one inside the other.
        ["1,1,2020-01-01,2020-01-31,32817", "2,1,2020-02-01,2020-02-10,32817",
         "3,2,2020-01-01,2020-01-31,32817", "4,2,2020-02-02,2020-02-10,32817",
         "5,3,2020-01-01,2020-12-31,32817", "6,3,2020-03-01,2020-03-02,32817"]),
    "visit_occurrence": (
        "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,"
        "visit_type_concept_id,preceding_visit_occurrence_id",
        ["10,1,9201,2020-01-10,2020-01-12,32817,", "11,2,9201,2020-01-20,2020-01-15,32817,99"]),
    "death": ("person_id,death_date,death_type_concept_id", ["1,2020-03-01,32817"]),
    "condition_occurrence": (
        "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
        "condition_end_date,condition_type_concept_id,condition_status_concept_id,"
        "condition_status_source_value,condition_source_value,visit_occurrence_id",
        # A day 7 days before the stay, one 8 days after it, 60 and 61 days after death, at birth
        # and the day before.
        ["1,1,26662,2020-01-03,,32817,,DP,E29,10",
         "2,1,26662,2020-01-20,,32817,0,DP,E29,10",
         "3,1,0,2020-04-30,2020-04-29,32817,5,,X1,",
         "4,1,0,2020-05-01,,32817,,,X2,",
         "5,3,26662,1999-12-31,,32817,,,E29,",
         "6,2,7,1979-12-31,,32817,,,X1,",
         "7,2,7,1980-01-01,,32817,,,,"]),
    "condition_era": ("condition_era_id,person_id,condition_concept_id,condition_era_start_date,"
                      "condition_era_end_date,condition_occurrence_count",
                      ["1,1,26662,2020-01-03,2020-01-20,2", "2,1,26662,2020-01-25,2020-01-25,0"]),
    "concept": ("concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,"
                "standard_concept,concept_code,valid_start_date,valid_end_date,invalid_reason",
                ["26662,Testicular hypofunction,Condition,SNOMED,Disorder,S,1,1970-01-01,"
                 "2099-12-31,", "7,Old,Observation,SNOMED,Finding,S,2,1970-01-01,2099-12-31,D",
                 "0,No matching concept,Metadata,None,Undefined,,0,1970-01-01,2099-12-31,"]),
}
# (check, table, field) -> violated rows, denominator; counted by hand from the rows above.
BY_HAND = {
    ("measurePersonCompleteness", "OBSERVATION_PERIOD", ""): (1, 4),
    ("measurePersonCompleteness", "DEATH", ""): (3, 4),
    ("measureObservationPeriodOverlap", "OBSERVATION_PERIOD", ""): (2, 3),
    # Persons 1, 2 and 3 have a condition that is not 0; only 1 has an era.
    ("measureConditionEraCompleteness", "CONDITION_ERA", ""): (2, 3),
    ("isForeignKey", "CONDITION_OCCURRENCE", "condition_type_concept_id"): (7, 7),
    ("isForeignKey", "CONDITION_OCCURRENCE", "condition_concept_id"): (0, 7),
    ("isForeignKey", "VISIT_OCCURRENCE", "preceding_visit_occurrence_id"): (1, 2),
    ("fkDomain", "CONDITION_OCCURRENCE", "condition_concept_id"): (2, 7),
    ("isStandardValidConcept", "CONDITION_OCCURRENCE", "condition_concept_id"): (2, 7),
    ("standardConceptRecordCompleteness", "CONDITION_OCCURRENCE", "condition_concept_id"): (2, 7),
    # One is 0, one is missing beside "DP"; those missing beside nothing are not asked.
    ("standardConceptRecordCompleteness", "CONDITION_OCCURRENCE",
     "condition_status_concept_id"): (2, 3),
    # X1 and X2 of E29, X1, X2 and none.
    ("sourceValueCompleteness", "CONDITION_OCCURRENCE", "condition_source_value"): (2, 4),
    ("withinVisitDates", "CONDITION_OCCURRENCE", "condition_start_date"): (1, 2),
    ("plausibleBeforeDeath", "CONDITION_OCCURRENCE", "condition_start_date"): (1, 4),
    ("plausibleDuringLife", "CONDITION_OCCURRENCE", "condition_start_date"): (1, 4),
    # 1979-12-31 of who was born in 1980. The 30th of February is no birth to compare with.
    ("plausibleAfterBirth", "CONDITION_OCCURRENCE", "condition_start_date"): (1, 7),
    # The first of June: 1979-12-31 and 1980-01-01 of 1980, 1999-12-31 of 2001.
    ("plausibleTemporalAfter", "CONDITION_OCCURRENCE", "condition_start_date"): (3, 7),
    ("plausibleStartBeforeEnd", "VISIT_OCCURRENCE", "visit_start_date"): (1, 2),
    ("plausibleStartBeforeEnd", "CONDITION_OCCURRENCE", "condition_start_date"): (1, 1),
    ("plausibleValueLow", "CONDITION_ERA", "condition_occurrence_count"): (1, 2),
    ("plausibleValueLow", "PERSON", "year_of_birth"): (1, 4),
    ("plausibleValueHigh", "PERSON", "month_of_birth"): (1, 3),
}


def test_each_kind_of_violation_is_counted_as_by_hand(eds, tmp_path):
    folder = tmp_path / "cdm"
    folder.mkdir()
    for table, (header, rows) in DIRTY.items():
        (folder / f"{table}.csv").write_text("\n".join([header, *rows]) + "\n")
    eds.run("ingest", "--format", "omop-csv", folder)
    found = checked(eds)
    counts = {(row["check_name"], row["cdm_table_name"], row["cdm_field_name"]):
              (int(row["num_violated_rows"]), int(row["num_denominator_rows"]))
              for row in found if row["check_level"] != "CONCEPT"}
    assert {place: counts[place] for place in BY_HAND} == BY_HAND
    (gender,) = [row for row in found if row["concept_id"] == "26662"]
    # Three records, one of them of a woman.
    assert (gender["num_violated_rows"], gender["num_denominator_rows"]) == ("1", "3")


def test_an_empty_warehouse_has_nothing_to_fail(eds):
    printed = eds.run("-f", "json", "check", "--omop", expect=None)
    assert printed.returncode == 3  # There is no release yet.
