"""The demo's hospital, fed as the demo does: the warehouse holds what the truth file says, and every
planted error that must be quarantined is there with its file and line."""

import csv
import gzip
import json
import os
import subprocess

import pytest

from eds_command import ROOT, Eds, eds_path


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    eds_path()
    place = tmp_path_factory.mktemp("demo")
    environment = dict(os.environ, EDS_DEMO=str(place), EDS_PROGRAM=str(eds_path()))
    subprocess.run(["bash", ROOT / "tools" / "demo.sh", "--patients", "400", "--no-serve"],
                   check=True, capture_output=True, env=environment, timeout=400)
    truth = [json.loads(line) for line in
             (place / "hospital" / "truth.jsonl").read_text().splitlines()]
    counts = json.loads((place / "hospital" / "truth_counts.json").read_text())
    return Eds(place / "warehouse"), truth, counts


@pytest.mark.parametrize("table", ["person", "death", "measurement", "note", "drug_exposure",
                                   "procedure_occurrence", "visit_detail"])
def test_tables_hold_what_the_truth_says(hospital, table):
    eds, _, counts = hospital
    assert eds.value(f"SELECT count(*) FROM {table}") == counts[table]


@pytest.mark.parametrize("role", ["DP", "DR", "DA"])
def test_diagnoses_have_their_roles(hospital, role):
    eds, _, counts = hospital
    assert eds.value("SELECT count(*) FROM condition_occurrence "
                     f"WHERE condition_status_source_value = '{role}'") == (
        counts[f"condition_occurrence.{role}"])


def test_every_planted_error_is_quarantined_at_its_line_and_nothing_else(hospital):
    eds, truth, _ = hospital
    planted = sorted((os.path.basename(item["file"]), item["line"]) for item in truth
                     if item["expected"] == "quarantine")
    listed = json.loads(eds.run("-f", "json", "quarantine", "list", "--limit", "100000").stdout)
    assert sorted((row["file"], row["line"]) for row in listed) == planted


def test_the_model_holds(hospital):
    eds, _, _ = hospital
    assert eds.run("check").returncode == 0
    assert "0 findings" in eds.run("verify", "--bytes").stdout
    assert "sound" in eds.run("audit", "verify").stdout


def test_every_act_is_one_of_the_published_ccam(hospital, shared):
    eds, _, _ = hospital
    with gzip.open(shared / "french" / "terminologies" / "ccam_actes.json.gz") as file:
        published = {act["code"] for act in json.load(file)}
    with open(eds.warehouse.parent / "hospital" / "terms" / "ccam.csv", encoding="utf-8") as file:
        offered = {row["code"] for row in csv.DictReader(file, delimiter=";")}
    done = {row["code"] for row in eds.query(
        "SELECT DISTINCT procedure_source_value AS code FROM procedure_occurrence")}
    assert len(offered) > 60
    assert offered <= published
    # What the stays hold beyond it are the unknown codes that the dirt planted.
    assert done & published and len(done - published) < 0.1 * len(done)
