"""eds terms unmapped, map and apply; and Athena's files as they come from its site."""

import csv
import io

import pytest

CONCEPT = ("concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept"
           "\tconcept_code\tvalid_start_date\tvalid_end_date\tinvalid_reason\n")
# SNOMED standards, a CIM-10 code that maps to one, a CIM-10 code that nothing maps.
CONCEPTS = [
    "201826\tType 2 diabetes mellitus\tCondition\tSNOMED\tDisorder\tS\t44054006\t19700101\t20991231\t\n",
    "316866\tHypertensive disorder\tCondition\tSNOMED\tDisorder\tS\t38341003\t19700101\t20991231\t\n",
    "45595795\tDiabete\tCondition\tCIM10\tICD10 code\t\tE11.9\t19700101\t20991231\t\n",
    "45595796\tHypertension\tCondition\tCIM10\tICD10 code\t\tI10\t19700101\t20991231\t\n",
]
RELATIONSHIP = ("concept_id_1\tconcept_id_2\trelationship_id\tvalid_start_date\tvalid_end_date\t"
                "invalid_reason\n45595795\t201826\tMaps to\t19700101\t20991231\t\n")
MAP_COLUMNS = ["source_code", "source_concept_id", "source_vocabulary_id",
               "source_code_description", "target_concept_id", "target_vocabulary_id",
               "valid_start_date", "valid_end_date", "invalid_reason"]


@pytest.fixture
def filled(eds, tmp_path):
    athena = tmp_path / "athena"
    athena.mkdir()
    (athena / "CONCEPT.csv").write_text(CONCEPT + "".join(CONCEPTS))
    (athena / "CONCEPT_RELATIONSHIP.csv").write_text(RELATIONSHIP)
    eds.run("terms", "load", "--kind", "athena", athena)
    cdm = tmp_path / "cdm"
    cdm.mkdir()
    (cdm / "person.csv").write_text(
        "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n"
        "1,8532,1961,0,0\n2,8507,1950,0,0\n")
    rows = [(1, 0, "I10", 45595796), (1, 0, "I10", 45595796), (2, 0, "i10", 45595796),
            (2, 201826, "E11.9", 45595795), (1, 0, "ZZ9", 0)]
    (cdm / "condition_occurrence.csv").write_text(
        "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
        "condition_type_concept_id,condition_source_value,condition_source_concept_id\n" +
        "".join(f"{n},{p},{c},2024-02-29,32817,{v},{s}\n"
                for n, (p, c, v, s) in enumerate(rows, 1)))
    (cdm / "measurement.csv").write_text(
        "measurement_id,person_id,measurement_concept_id,measurement_date,"
        "measurement_type_concept_id,value_as_number,measurement_source_value,"
        "measurement_source_concept_id\n1,1,0,2024-03-01,32817,5.5,GLU,0\n")
    eds.run("ingest", "--format", "omop-csv", cdm)
    return eds


def conditions(eds, release="latest"):
    done = eds.run("-f", "csv", "-r", release, "query",
                   "SELECT condition_source_value, condition_concept_id FROM condition_occurrence "
                   "ORDER BY condition_occurrence_id")
    return [tuple(row) for row in csv.reader(io.StringIO(done.stdout))][1:]


def unmapped(eds, *args):
    done = eds.run("-f", "csv", "terms", "unmapped", *args)
    return [(r["vocabulary"], r["code"], int(r["rows"]), r["label"])
            for r in csv.DictReader(io.StringIO(done.stdout))]


def test_unmapped_codes_come_by_frequency(filled):
    assert unmapped(filled) == [("CIM10", "I10", 2, "Hypertension"), ("CIM10", "ZZ9", 1, ""),
                                ("CIM10", "i10", 1, "Hypertension"), ("local", "GLU", 1, "")]
    assert unmapped(filled, "--limit", "1") == [("CIM10", "I10", 2, "Hypertension")]
    assert unmapped(filled, "--vocabulary", "local") == [("local", "GLU", 1, "")]
    assert unmapped(filled, "--vocabulary", "x' OR '1'='1") == []


def test_a_mapping_changes_nothing_until_applied_and_former_releases_never(filled):
    before = conditions(filled)
    filled.run("terms", "map", "--from", "I10", "--vocabulary", "CIM10", "--to", "316866")
    assert conditions(filled) == before
    mapped = filled.query("SELECT * FROM source_to_concept_map")
    assert mapped == [{**dict(zip(MAP_COLUMNS, [
        "I10", 45595796, "CIM10", None, 316866, "SNOMED", "1970-01-01", "2099-12-31", None]))}]
    filled.run("terms", "apply")
    expected = [("I10", "316866"), ("I10", "316866"), ("i10", "316866"), ("E11.9", "201826"),
                ("ZZ9", "0")]
    assert conditions(filled) == expected
    assert filled.value("SELECT count(*) FROM condition_occurrence") == 5
    assert "nothing to change" in filled.run("terms", "apply").stdout
    releases = [r["release"] for r in csv.DictReader(
        io.StringIO(filled.run("-f", "csv", "release", "list").stdout))]
    assert conditions(filled, releases[1]) == before  # after the feed, before the mapping

    # Mapped again, and away.
    filled.run("terms", "map", "--from", "I10", "--vocabulary", "CIM10", "--to", "0")
    filled.run("terms", "apply")
    assert conditions(filled) == before
    assert filled.value("SELECT count(*) FROM source_to_concept_map") == 1


def test_what_the_vocabulary_says_goes_before_the_map(filled):
    filled.run("terms", "map", "--from", "E11.9", "--vocabulary", "CIM10", "--to", "316866")
    assert "nothing to change" in filled.run("terms", "apply").stdout
    assert ("E11.9", "201826") in conditions(filled)


def test_a_file_is_imported_and_comes_out_the_same(filled, tmp_path):
    lines = [["I10", "45595796", "CIM10", "hypertension, \"vraie\"", "316866", "SNOMED",
              "2000-01-01", "2099-12-31", ""],
             ["GLU", "0", "local", "", "201826", "SNOMED", "1970-01-01", "2099-12-31", ""],
             ["OLD", "0", "local", "", "201826", "SNOMED", "1970-01-01", "2001-12-31", "D"]]
    place = tmp_path / "map.csv"
    with place.open("w", newline="") as out:
        csv.writer(out).writerows([MAP_COLUMNS, *lines])
    filled.run("terms", "map", "--file", place)
    shown = list(csv.reader(io.StringIO(filled.run("-f", "csv", "terms", "map").stdout)))
    assert shown[0] == MAP_COLUMNS and sorted(shown[1:]) == sorted(lines)
    filled.run("terms", "apply")
    assert [u[:2] for u in unmapped(filled)] == [("CIM10", "ZZ9")]
    # The file again: nothing doubles.
    filled.run("terms", "map", "--file", place)
    assert filled.value("SELECT count(*) FROM source_to_concept_map") == 3


def test_wrong_mappings_are_refused_whole(filled, tmp_path):
    done = filled.run("terms", "map", "--from", "I10", "--vocabulary", "CIM10", "--to", "999",
                      expect=2)
    assert "do not hold the target" in done.stderr and done.stderr.rstrip().endswith("999")
    filled.run("terms", "map", "--from", "I10", "--vocabulary", "CIM10", expect=2)
    filled.run("terms", "map", "--from", "I10", "--to", "316866", expect=2)
    place = tmp_path / "bad.csv"
    place.write_text("a,b\n1,2\n")
    assert "no line is a mapping" in filled.run("terms", "map", "--file", place, expect=2).stderr
    place.write_text("source_code,source_vocabulary_id,target_concept_id\nI10,CIM10,316866\n"
                     "X,CIM10,word\n")
    assert "1 not understood" in filled.run("terms", "map", "--file", place, expect=1).stdout
    assert filled.value("SELECT count(*) FROM source_to_concept_map") == 1


# A download as it comes: tab separated, never quoted, a readme and a jar beside, CPT-4 without names.
UGLY = [
    '1\t3-hydroxy "quoted" name\tDrug\tRxNorm\tIngredient\tS\t"12\t19700101\t20991231\t\n',
    "2\t\"\tDrug\tRxNorm\tIngredient\tS\t13\t19700101\t20991231\t\n",
    "3\t'; DROP TABLE concept; --\tDrug\tRxNorm\tIngredient\t\t14\t19700101\t20060101\tD\n",
    "4\tname, with comma; and é\tDrug\tRxNorm\tIngredient\t\t15\t19700101\t20060101\tU\n",
    "5\tNA\tDrug\tRxNorm\tIngredient\tC\tNA\t19700101\t20991231\t\n",
    "6\tno last field\tDrug\tRxNorm\tIngredient\tS\t17\t1970-01-01\t2099-12-31\t\n",
    "7\t  leading  blanks\tDrug\tRxNorm\tIngredient\tS\t0018\t19700101\t20991231\t\n",
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_athena_as_it_comes(eds, tmp_path, end, last):
    folder = tmp_path / "vocabulary_download_v5_{4A2F}_1700000000000"
    folder.mkdir()
    text = (CONCEPT + "".join(UGLY)).replace("\n", end)
    (folder / "CONCEPT.csv").write_bytes((text if last else text[:-len(end)]).encode())
    (folder / "CONCEPT_CPT4.csv").write_text(
        CONCEPT + "2100000000\t\tProcedure\tCPT4\tCPT4\tS\t99213\t19700101\t20991231\t\n")
    (folder / "VOCABULARY.csv").write_text(
        "vocabulary_id\tvocabulary_name\tvocabulary_reference\tvocabulary_version\t"
        "vocabulary_concept_id\nNone\tOMOP \"Standardized\" Vocabularies\tOMOP generated\tv5.0 "
        "29-FEB-24\t44819096\nRxNorm\tRxNorm (NLM)\thttp://x\t\t44819104\n")
    (folder / "CONCEPT_SYNONYM.csv").write_text(
        "concept_id\tconcept_synonym_name\tlanguage_concept_id\n1\t\"half\" quoted\t4180186\n")
    (folder / "CONCEPT_ANCESTOR.csv").write_text(
        "ancestor_concept_id\tdescendant_concept_id\tmin_levels_of_separation\t"
        "max_levels_of_separation\n1\t2\t1\t3\n1\t1\t0\t0\n")
    for name in ("DOMAIN.csv", "CONCEPT_CLASS.csv", "RELATIONSHIP.csv", "DRUG_STRENGTH.csv"):
        (folder / name).write_text("some\tother\tcolumns\n1\t2\t3\n")
    for name in ("cpt4.jar", "cpt.sh", "cpt.bat", "readme.txt"):
        (folder / name).write_bytes(b"PK\x03\x04 not ours \x00\xff")
    eds.run("terms", "load", "--kind", "athena", folder)
    rows = {r["concept_id"]: r for r in eds.query("SELECT * FROM concept")}
    assert sorted(rows) == [1, 2, 3, 4, 5, 6, 7]
    for line in UGLY:
        number, name, _, _, _, standard, code, start, until, reason = line.rstrip("\n").split("\t")
        row = rows[int(number)]
        assert row["concept_name"].strip() == name.strip() and row["concept_code"] == code
        assert (row["standard_concept"] or "") == standard
        assert (row["invalid_reason"] or "") == reason
        assert row["valid_start_date"].replace("-", "") == start.replace("-", "")
        assert row["valid_end_date"].replace("-", "") == until.replace("-", "")
    assert rows[1]["invalid_reason"] is None and rows[3]["standard_concept"] is None
    assert eds.value("SELECT concept_synonym_name FROM concept_synonym") == '"half" quoted'
    assert eds.value("SELECT count(*) FROM vocabulary") == 2
    assert eds.value("SELECT max(max_levels_of_separation) FROM concept_ancestor") == 3


def test_a_partial_download_loads_what_came_and_counts_what_did_not(eds, tmp_path):
    folder = tmp_path / "partial"
    folder.mkdir()
    cut = CONCEPT + UGLY[0] + "8\tcut in the mid"
    (folder / "CONCEPT.csv").write_text(cut)
    (folder / "CONCEPT_RELATIONSHIP.csv").write_text("")
    done = eds.run("terms", "load", "--kind", "athena", folder, expect=1)
    assert "1 not understood" in done.stdout and "line 3" in done.stdout
    assert eds.value("SELECT count(*) FROM concept") == 1
    without = tmp_path / "without"
    without.mkdir()
    (without / "CONCEPT_RELATIONSHIP.csv").write_text(RELATIONSHIP)
    (without / "CONCEPT_CPT4.csv").write_text(CONCEPT)
    assert "no CONCEPT table" in eds.run("terms", "load", "--kind", "athena", without,
                                         expect=3).stderr
