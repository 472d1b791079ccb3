"""Warehouses fed with the CDM folders on which the reference's answers were recorded."""

import os
import pathlib
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OHDSI = ROOT.parent / "shared" / "data" / "ohdsi"


class Cohorts:
    """Runs `eds cohort` on one warehouse."""

    def __init__(self, eds, warehouse):
        self.eds = eds
        self.warehouse = warehouse

    def run(self, *args, expect=0):
        done = subprocess.run([self.eds, "-w", self.warehouse, "cohort", *map(str, args)],
                              capture_output=True, text=True, timeout=300)
        assert done.returncode == expect, (args[:3], done.returncode, done.stderr[-2000:])
        return done


@pytest.fixture(scope="session")
def eds():
    path = pathlib.Path(os.environ.get("EDS_BUILD", ROOT / "build" / "release")) / "eds"
    if not path.is_file():
        pytest.skip("eds is not built: ./dev build")
    return path


@pytest.fixture(scope="session")
def ohdsi():
    if not OHDSI.is_dir():
        pytest.skip("skipped: ../shared/data/ohdsi is not present")
    return OHDSI


def fed(eds, folder, cdm, way):
    warehouse = folder / "warehouse"
    subprocess.run([eds, "init", warehouse], check=True, capture_output=True)
    subprocess.run([eds, "-w", warehouse, "ingest", "--format", "omop-csv", cdm],
                   check=True, capture_output=True)
    cohorts = Cohorts(eds, warehouse)
    if way == "index":
        cohorts.run("index", "build")
    return cohorts


# Every answer is asked twice: of the lake, and of the stored index.
both_ways = pytest.fixture(scope="session", params=["lake", "index"])


@both_ways
def gibleed(request, eds, ohdsi, tmp_path_factory):
    return fed(eds, tmp_path_factory.mktemp("gibleed"), ohdsi / "gibleed_cdm", request.param)


@both_ways
def torture(request, eds, ohdsi, tmp_path_factory):
    return fed(eds, tmp_path_factory.mktemp("torture"),
               ohdsi / "circe_oracle" / "torture_phenotypelibrary" / "cdm", request.param)


@both_ways
def fuzz(request, eds, ohdsi, tmp_path_factory):
    return fed(eds, tmp_path_factory.mktemp("fuzz"), ohdsi / "circe_oracle" / "fuzz" / "cdm",
               request.param)


@pytest.fixture(scope="session")
def library(ohdsi, tmp_path_factory):
    """The 1,100 definitions of the Phenotype Library, each a file named after its id."""
    folder = tmp_path_factory.mktemp("library")
    with tarfile.open(ohdsi / "phenotype_library" / "cohorts_json.tar.xz") as archive:
        archive.extractall(folder)
    return sorted(folder.rglob("*.json"), key=lambda path: int(path.stem))
