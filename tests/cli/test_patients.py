"""A few hand-written patients: their view, their quality report, their erasure, their backup."""

import json

import pytest

TABLES = {
    "person": ["person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,"
               "race_concept_id,ethnicity_concept_id",
               "7,8532,1950,3,4,0,0", "8,8507,1960,,,0,0", "9,0,2000,1,1,0,0"],
    "death": ["person_id,death_date", "7,2024-06-01"],
    "visit_occurrence": ["visit_occurrence_id,person_id,visit_concept_id,visit_start_date,"
                         "visit_end_date,visit_type_concept_id",
                         "70,7,9201,2024-05-01,2024-05-09,32817"],
    "condition_occurrence": ["condition_occurrence_id,person_id,condition_concept_id,"
                             "condition_start_date,condition_type_concept_id,"
                             "condition_source_value,visit_occurrence_id",
                             "1,7,0,2024-05-01,32817,I210,70", "2,7,0,2024-05-02,32817,I10,70",
                             "3,8,0,1959-01-01,32817,J46,", "4,99,0,2020-01-01,32817,J46,"],
    "measurement": ["measurement_id,person_id,measurement_concept_id,measurement_date,"
                    "measurement_type_concept_id,value_as_number,range_low,range_high,"
                    "measurement_source_value,unit_source_value",
                    "1,7,0,2024-05-01,32817,4.5,3.5,5,2823-3,mmol/L",
                    "2,7,0,2024-05-02,32817,6.1,3.5,5,2823-3,mmol/L"],
}


@pytest.fixture
def stays_folder(tmp_path):
    folder = tmp_path / "cdm"
    folder.mkdir()
    for table, lines in TABLES.items():
        (folder / f"{table}.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_check_reports_rows_that_break_the_model_and_keeps_them(eds, stays_folder):
    eds.run("ingest", "--format", "omop-csv", stays_folder)
    done = eds.run("-f", "json", "check", expect=1)
    found = {(row["table"], row["check"]): row["violations"] for row in json.loads(done.stdout)}
    assert found == {("condition_occurrence", "person-unknown"): 1,
                     ("condition_occurrence", "before-birth"): 1}
    assert eds.value("SELECT count(*) FROM condition_occurrence") == 4


def test_an_erased_person_is_gone_from_every_table(eds, stays_folder):
    eds.run("ingest", "--format", "omop-csv", stays_folder)
    eds.run("erase", 7)
    for table in TABLES:
        column = "person_id"
        assert eds.value(f"SELECT count(*) FROM {table} WHERE {column} = 7") == 0
    assert eds.value("SELECT count(*) FROM person") == 2
    eds.run("vacuum", "--keep-releases", 1)
    assert "0 findings" in eds.run("verify", "--bytes").stdout
    eds.run("patient", 7, expect=3)


def test_a_restored_backup_answers_as_the_warehouse_did(eds, stays_folder, tmp_path):
    eds.run("ingest", "--format", "omop-csv", stays_folder)
    eds.run("user", "add", "anne")
    users = eds.run("user", "list").stdout
    assert "anne" in users
    eds.run("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    eds.run("restore", tmp_path / "backup", tmp_path / "again", "--keys", tmp_path / "keys")
    again = type(eds)(tmp_path / "again")
    sql = "SELECT * FROM measurement ORDER BY measurement_id"
    assert again.query(sql) == eds.query(sql)
    assert again.run("user", "list").stdout == users


def test_a_damaged_part_is_found(eds, stays_folder):
    eds.run("ingest", "--format", "omop-csv", stays_folder)
    (part,) = (eds.warehouse / "lake" / "measurement").glob("*.parquet")
    raw = bytearray(part.read_bytes())
    raw[len(raw) // 2] ^= 0x40
    part.write_bytes(raw)
    done = eds.run("verify", "--bytes", expect=1)
    assert part.name in done.stdout


def test_compaction_changes_files_and_not_rows(eds, stays_folder, tmp_path):
    eds.run("ingest", "--format", "omop-csv", stays_folder)
    for number in range(3):
        folder = tmp_path / f"more{number}"
        folder.mkdir()
        (folder / "death.csv").write_text(f"person_id,death_date\n{8 + number},2025-01-0{number + 1}\n")
        eds.run("ingest", "--format", "omop-csv", folder)
    sql = "SELECT * FROM death ORDER BY person_id"
    before = eds.query(sql)
    eds.run("compact", "--everything")
    assert eds.query(sql) == before
    shown = {row["table"]: row for row in json.loads(
        eds.run("-f", "json", "release", "show").stdout)}
    assert shown["death"]["files"] == 1
    assert json.loads(eds.run("-f", "json", "-r", "r1", "query", sql).stdout) == before[:1]


def test_drugs_bear_their_label_under_either_length_of_their_ucd(eds, tmp_path):
    folder = tmp_path / "cdm"
    folder.mkdir()
    (folder / "person.csv").write_text(
        "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n"
        "7,8532,1950,0,0\n")
    codes = ["3400892200972", "3400894197232", "9261110", "unheard-of"]
    (folder / "drug_exposure.csv").write_text(
        "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,"
        "drug_exposure_end_date,drug_type_concept_id,drug_source_value\n" + "".join(
            f"{number},7,0,2024-05-01,2024-05-01,32817,{code}\n"
            for number, code in enumerate(codes, 1)))
    eds.run("ingest", "--format", "omop-csv", folder)
    labels = tmp_path / "ucd.csv"
    labels.write_text("code;label\n9220097;Trastuzumab 150 mg\n3400894197232;Pembrolizumab\n"
                      "9261110;Bevacizumab\n")
    eds.run("terms", "load", "--kind", "labels", "--vocabulary", "UCD", labels)
    drugs = json.loads(eds.run("patient", 7).stdout)["drugs"]
    assert {drug["code"]: drug["label"] for drug in drugs} == {
        "3400892200972": "Trastuzumab 150 mg", "3400894197232": "Pembrolizumab",
        "9261110": "Bevacizumab", "unheard-of": None}


def test_a_stay_bears_the_label_of_its_ghm(eds, shared, tmp_path):
    folder = shared / "french" / "pmsi" / "synthetic"
    rums = [json.loads(line) for line in (folder / "rss_expected.jsonl").read_text().splitlines()]
    ghm = next(rum["ghm"] for rum in rums if rum["file"] == "rss_122_grouped.txt" and rum["ghm"])
    labels = tmp_path / "ghm.csv"
    labels.write_text(f"code;label\n{ghm};Libellé du groupe\n")
    eds.run("terms", "load", "--kind", "labels", "--vocabulary", "GHM", labels)
    eds.run("ingest", "--format", "pmsi-rss", "--authority", "990000001",
            folder / "rss_122_grouped.txt", expect=None)
    person = eds.value(f"SELECT person_id FROM eds_pmsi_rum WHERE ghm = '{ghm}' LIMIT 1")
    visits = json.loads(eds.run("patient", person).stdout)["visits"]
    assert (ghm, "Libellé du groupe") in [(visit["ghm"], visit["ghm_label"]) for visit in visits]
