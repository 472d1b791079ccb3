"""The code of docs/guides/reading-from-python-and-r.md does what the guide says."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/guides/reading-from-python-and-r.md"

# By construction of measurement version 2 in lake_story.cc: rows 1..8500, persons 1..90, the first
# day 18000 days after 1970; every third row has no datetime.
ROW_COUNT, PERSONS, IDS, FIRST_DAY = 8500, 90, 8500 * 8501 // 2, "2019-04-14"
WITHOUT_DATETIME = 8500 // 3


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def environment(lake_driver, tmp_path_factory):
    directory = tmp_path_factory.mktemp("guide")
    subprocess.run([lake_driver, str(directory)], check=True)
    # A zone in which a careless reader would be off by a day.
    return {**os.environ, "EDS_WAREHOUSE": str(directory / "warehouse"), "TZ": "Europe/Paris"}


def test_python(environment):
    (code,) = blocks("python")
    answer = subprocess.run([sys.executable, "-c", code], env=environment, check=True,
                            capture_output=True, text=True).stdout
    assert answer.strip() in GUIDE.read_text("utf-8")
    for word in (ROW_COUNT, PERSONS, IDS, FIRST_DAY):
        assert str(word) in answer


def test_r(environment, tmp_path):
    """EDS_PYTHON names a virtual environment with duckdb, its delta extension and numpy < 2."""
    if not shutil.which("Rscript"):
        pytest.skip("R is not installed: apt-get install r-base-core r-cran-reticulate")
    if "EDS_PYTHON" not in environment:
        pytest.skip("EDS_PYTHON is not set: see the guide")
    script = tmp_path / "guide.R"
    script.write_text("\n".join(blocks("r")), "utf-8")
    answer = subprocess.run(["Rscript", str(script)], env=environment, capture_output=True,
                            text=True)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.strip().splitlines()
    assert lines[1].split()[1:] == [str(ROW_COUNT), str(PERSONS), str(IDS), FIRST_DAY]
    assert lines[2].split() == [
        str(ROW_COUNT), str(PERSONS), str(IDS), FIRST_DAY, str(WITHOUT_DATETIME)]
    assert answer.stdout.strip() in GUIDE.read_text("utf-8")
