"""One bit turned anywhere in what a warehouse keeps is found by `eds verify --bytes`."""
import os
import random
import shutil

import pytest

# Of these, one flipped bit must always be found: parts and Delta commits of the lake, sealed landing files.
PLACES = ("lake", "landing")
FLIPS = int(os.environ.get("EDS_BIT_FLIPS", "24"))


def files_of(warehouse, place):
    return sorted(path for path in (warehouse / place).rglob("*")
                  if path.is_file() and path.stat().st_size > 0)


@pytest.fixture
def fed(eds, tmp_path):
    folder = tmp_path / "cdm"
    folder.mkdir()
    persons = "".join(f"{n},8507,{1920 + n % 90}\n" for n in range(1, 401))
    (folder / "person.csv").write_text("person_id,gender_concept_id,year_of_birth\n" + persons)
    results = "".join(f"{n},{n % 400 + 1},3000963,2024-01-{n % 28 + 1:02},{n / 7:.2f}\n"
                      for n in range(1, 2001))
    (folder / "measurement.csv").write_text(
        "measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number\n"
        + results)
    eds.run("ingest", "--format", "omop-csv", folder)
    return eds


@pytest.mark.parametrize("place", PLACES)
def test_one_flipped_bit_is_found_wherever_it_is(fed, place):
    dice = random.Random(f"bit flips of {place}")
    before = fed.run("verify", "--bytes").stdout
    assert before.count("0 findings") == 2
    for _ in range(FLIPS):
        path = dice.choice(files_of(fed.warehouse, place))
        good = path.read_bytes()
        position, bit = dice.randrange(len(good)), dice.randrange(8)
        bad = bytearray(good)
        bad[position] ^= 1 << bit
        path.write_bytes(bytes(bad))
        done = fed.run("verify", "--bytes", expect=1)
        assert " 1 findings" in done.stdout, f"bit {bit} of byte {position} of {path.name}"
        path.write_bytes(good)
    assert fed.run("verify", "--bytes").stdout == before


def test_a_lost_or_torn_database_page_is_found(fed):
    path = fed.warehouse / "rights" / "rights.db"
    if not path.exists():
        path = fed.warehouse / "quarantine" / "quarantine.db"
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    raw = bytearray(path.read_bytes())
    raw[4096:8192] = bytes(4096)
    path.write_bytes(bytes(raw))
    done = fed.run("verify", "--bytes", expect=None)
    assert done.returncode in (1, 3), done.stdout + done.stderr
    shutil.copy(copy, path)
    copy.unlink()
    assert fed.run("verify", "--bytes").stdout.count("0 findings") == 2
