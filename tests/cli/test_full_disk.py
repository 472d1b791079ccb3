"""A real disk that is full, or read-only, while a load is under way.

The warehouse lies on a small tmpfs, whose size is changed under it: SQLite and DuckDB, which do
their own I/O, meet the real error. src/ingest/pmsi/stay_fault_test.cc fails every write of ours.
"""

import os
import pathlib
import subprocess

import pytest

from eds_command import Eds, eds_path

PERSONS = 3000
LEFT_KIB = [0, 64, 256, 512, 1024, 1536, 2048, 3072]   # Room for the second load; 0: none at all.


@pytest.fixture
def disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", place],
                          capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"NOT TESTED: no disk can be mounted here to be filled: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def remount(place, options):
    subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)


def used_kib(place):
    status = os.statvfs(place)
    return (status.f_blocks - status.f_bfree) * status.f_frsize // 1024


def extract(folder, first):
    """An OMOP extract of persons numbered from `first`, three conditions each."""
    folder.mkdir()
    persons = range(first, first + PERSONS)
    rows = ["person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id"]
    rows += [f"{person},8532,1950,0,0" for person in persons]
    (folder / "person.csv").write_text("\n".join(rows) + "\n")
    rows = ["condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
            "condition_type_concept_id,condition_source_value"]
    rows += [f"{person * 3 + turn},{person},0,2024-05-0{turn + 1},32817,I{person * 7919 % 100000}"
             for person in persons for turn in range(3)]
    (folder / "condition_occurrence.csv").write_text("\n".join(rows) + "\n")
    return folder


def leftovers(warehouse):
    """What an unfinished write leaves."""
    return [str(path) for path in pathlib.Path(warehouse).rglob("*")
            if ".tmp" in path.name or path.parent.name in ("tmp", "incoming")]


def check_whole(eds, persons):
    assert "0 findings" in eds.run("verify", "--bytes").stdout
    assert eds.value("SELECT count(*) FROM person") == persons
    assert eds.value("SELECT count(DISTINCT person_id) FROM person") == persons
    assert eds.value("SELECT count(*) FROM condition_occurrence") == 3 * persons
    assert leftovers(eds.warehouse) == []


@pytest.mark.parametrize("left_kib", LEFT_KIB)
def test_a_load_on_a_disk_that_fills_up_says_so_and_is_loaded_whole_by_the_next(
        disk, tmp_path, left_kib):
    eds = Eds(disk / "warehouse")
    subprocess.run([eds_path(), "init", eds.warehouse], check=True, capture_output=True)
    eds.run("ingest", "--format", "omop-csv", extract(tmp_path / "first", 1))
    second = extract(tmp_path / "second", 100_001)
    remount(disk, f"size={max(used_kib(disk) + left_kib, 1)}k")
    done = eds.run("ingest", "--format", "omop-csv", second, expect=None)
    if done.returncode != 0:
        assert done.returncode == 3, done.stderr
        assert "full" in done.stderr or "space" in done.stderr.lower(), done.stderr
        assert "Traceback" not in done.stderr and "terminate" not in done.stderr
    remount(disk, "size=64m")
    check_whole(eds, 2 * PERSONS if done.returncode == 0 else PERSONS)
    eds.run("ingest", "--format", "omop-csv", second)
    check_whole(eds, 2 * PERSONS)


def test_a_load_into_a_directory_that_cannot_be_written_says_so(disk, tmp_path):
    eds = Eds(disk / "warehouse")
    subprocess.run([eds_path(), "init", eds.warehouse], check=True, capture_output=True)
    eds.run("ingest", "--format", "omop-csv", extract(tmp_path / "first", 1))
    second = extract(tmp_path / "second", 100_001)
    remount(disk, "ro")
    done = eds.run("ingest", "--format", "omop-csv", second, expect=3)
    assert "read-only" in done.stderr.lower() or "readonly" in done.stderr.lower(), done.stderr
    remount(disk, "rw")
    check_whole(eds, PERSONS)
    eds.run("ingest", "--format", "omop-csv", second)
    check_whole(eds, 2 * PERSONS)


@pytest.mark.parametrize("size_kib", [8, 16, 20, 24, 28, 40, 60, 100, 150])
def test_an_init_on_a_disk_that_is_too_small_says_so_and_is_done_by_the_next(
        disk, tmp_path, size_kib):
    remount(disk, f"size={size_kib}k")
    eds = Eds(disk / "w")
    first = eds.run("init", disk / "w", expect=None)
    assert first.returncode in (0, 3)
    if first.returncode == 3:
        assert first.stderr.startswith("eds: ")
    remount(disk, "size=64m")
    if not (disk / "w" / "catalogue.db").exists():
        eds.run("init", disk / "w")
    eds.run("ingest", "--format", "omop-csv", extract(tmp_path / "first", 1))
    check_whole(eds, PERSONS)
