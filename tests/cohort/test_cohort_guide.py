"""The guide's cohort is what the guide says. Its hospital is built with EDS_LONG_TESTS=1 only."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "cohorts.md").read_text()


@pytest.fixture
def definition(tmp_path):
    path = tmp_path / "fracture.json"
    path.write_text(re.search(r"```json\n(.*?)```", GUIDE, re.S).group(1))
    return path


def printed(command):
    """What the guide shows below a command."""
    found = re.search(r"^\$ " + re.escape(command) + r"\n(.*?)(?=^\$ |^```)", GUIDE, re.S | re.M)
    return found.group(1)


def test_the_definition_reads_as_the_guide_says(eds, definition):
    done = subprocess.run([eds, "cohort", "explain", definition], capture_output=True, text=True,
                          cwd=definition.parent, check=True, env={"PATH": os.environ["PATH"]})
    shown = re.sub(r"  \[[^]]*\]$", "", printed("eds cohort explain fracture.json"), flags=re.M)
    # The last two lines are said of an evaluation alone.
    assert done.stdout.splitlines() == shown.splitlines()[:-2]


@pytest.mark.skipif(os.environ.get("EDS_LONG_TESTS") != "1", reason="EDS_LONG_TESTS is not set")
def test_the_demonstration_hospital_answers_as_the_guide_says(eds, definition, tmp_path):
    env = {**os.environ, "EDS_DEMO": str(tmp_path / "demo"), "EDS_PROGRAM": str(eds)}
    subprocess.run(["bash", ROOT / "tools" / "demo.sh", "--no-serve"], check=True, env=env,
                   capture_output=True, cwd=ROOT)
    warehouse = tmp_path / "demo" / "warehouse"
    count = subprocess.run([eds, "-w", warehouse, "cohort", "count", definition],
                           capture_output=True, text=True, check=True)
    assert count.stdout == printed("eds cohort count fracture.json")
    # Each warehouse numbers its persons by a secret of its own: the dates are compared.
    dates = sorted(line.split()[2:] for line in
                   printed("eds cohort run fracture.json").splitlines()[2:])
    for engine in ("index", "duckdb"):
        done = subprocess.run([eds, "-w", warehouse, "cohort", "run", "--engine", engine, definition],
                              capture_output=True, text=True, check=True)
        assert sorted(line.split()[2:] for line in done.stdout.splitlines()[2:]) == dates
