"""eds query stops at its budget, and leaves nothing; log/ says what happened, and of nobody."""

import json
import os
import signal
import subprocess
import time

import pytest

from eds_command import eds_path

CANARY = "ZZCANARYMARTINEZ"


@pytest.fixture
def filled(eds, tmp_path):
    folder = tmp_path / "cdm"
    folder.mkdir()
    rows = "".join(f"{n},8532,1961,0,0,{CANARY}{n}\n" for n in range(1, 3001))
    (folder / "person.csv").write_text(
        "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id,"
        "gender_source_value\n" + rows)
    eds.run("ingest", "--format", "omop-csv", "--source", CANARY, "--note", CANARY, folder)
    return eds


def spilled(eds):
    place = eds.warehouse / "tmp"
    return sorted(p.name for p in place.iterdir()) if place.is_dir() else []


def log_lines(eds):
    text = "".join(p.read_text() for p in sorted((eds.warehouse / "log").iterdir()))
    return [json.loads(line) for line in text.splitlines()], text


JOINS = {
    "counts": "SELECT count(*) FROM person a, person b, person c, person d "
              "WHERE a.year_of_birth + b.year_of_birth < c.person_id * d.person_id % 7",
    "streams": "SELECT a.person_id, b.person_id, c.person_id FROM person a, person b, person c",
    "sorts": "SELECT a.person_id x, b.person_id y, c.person_id z FROM person a, person b, person c "
             "ORDER BY hash(x, y, z)",
}


@pytest.mark.parametrize("which", JOINS)
@pytest.mark.parametrize("shape", ["csv", "table", "arrow"])
def test_a_cross_join_stops_at_its_time_budget(filled, which, shape):
    start = time.monotonic()
    done = subprocess.run(
        [eds_path(), "--warehouse", filled.warehouse, "-f", shape, "query", "--timeout", "1",
         "--memory", "200", JOINS[which]],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
    spent = time.monotonic() - start
    assert done.returncode == 3, done.stderr
    assert "ran out of its time budget" in done.stderr and done.stderr.rstrip().endswith("1 s")
    assert spent >= 0.9, spent  # How late it may be is no test's matter: the machine is shared.
    assert spilled(filled) == []
    assert [line["code"] for line in log_lines(filled)[0] if line["message"] == "query stopped"
            ] == ["cancelled"]


def test_the_memory_budget_is_named_when_it_is_too_small(filled):
    done = filled.run("query", "--memory", "64", "--timeout", "50",
                      "SELECT list(a.person_id + b.person_id) FROM person a, person b",
                      expect=3)
    assert "memory budget" in done.stderr and "--memory" in done.stderr
    assert spilled(filled) == []


def test_ctrl_c_stops_a_query_and_leaves_nothing(filled):
    running = subprocess.Popen([eds_path(), "--warehouse", filled.warehouse, "query",
                                JOINS["counts"]], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while not spilled(filled) and time.monotonic() < deadline and running.poll() is None:
            audit = "".join(p.read_text(errors="replace")
                            for p in (filled.warehouse / "audit").rglob("*") if p.is_file())
            if '"query"' in audit:
                break
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=30)
    finally:
        running.kill()  # A test that fails leaves no query running for ever.
    assert running.returncode == 3 and "cancelled" in said
    assert spilled(filled) == []


def test_a_query_within_its_budget_is_whole(filled):
    done = filled.run("-f", "csv", "query", "--timeout", "50",
                      "SELECT a.person_id FROM person a, person b LIMIT 200000")
    assert len(done.stdout.splitlines()) == 200001


def test_eds_toml_gives_the_budget_when_the_command_does_not(filled):
    (filled.warehouse / "eds.toml").write_text("[limits]\nquery_seconds = 0.5\n")
    done = filled.run("query", JOINS["counts"], expect=3)
    assert "0.5 s" in done.stderr


def test_a_wrong_setting_is_refused_with_its_line(filled):
    (filled.warehouse / "eds.toml").write_text("[serve]\n\nprot = 80\n")
    done = filled.run("query", "SELECT 1", expect=2)
    assert "eds.toml: line 3: no such setting: serve.prot" in done.stderr


def test_the_log_tells_loads_commits_and_refusals_and_of_nobody(filled):
    filled.run("query", f"SELECT * FROM read_csv('/{CANARY}')", expect=2)
    filled.run("query", f"SELECT '{CANARY}' FROM nowhere", expect=2)
    filled.run("compact")
    lines, text = log_lines(filled)
    said = {line["message"]: line for line in lines}
    assert {"load done", "release committed", "query refused"} <= set(said)
    assert said["load done"]["rows"] >= 3000 and said["load done"]["rejects"] == 0
    for line in lines:
        assert {"time", "level", "process", "component", "message"} <= set(line)
    assert CANARY.lower() not in text.lower()
    assert "select" not in text.lower()
