"""Processes that commit releases are killed with SIGKILL at random instants, again and again.

One writer alone, then several at once on the same records, each killed at an instant of its own
while the others go on. After each death the warehouse is opened by the next life of the driver. Every few deaths, and at
the end, the lake is read by `deltalake` (delta-rs), which knows nothing of our catalogue, and
compared with what crash_driver.cc's rule says the acknowledged loads hold. SIGKILL loses no page
cache: what a power cut loses is the matter of src/lake/lake_fault_test.cc.
"""

import pathlib
import random
import selectors
import sqlite3
import subprocess
import time

TABLES = ["person", "observation_period", "visit_occurrence", "visit_detail", "drug_era",
          "condition_occurrence", "drug_exposure", "procedure_occurrence", "device_exposure",
          "measurement", "observation", "note", "specimen", "episode", "condition_era"]
ROWS = 4
READ_EVERY = 50        # Deaths between two readings by deltalake.
LIFE_SECONDS = 0.4     # A driver lives this long on average after it said "open".


def rows_of(loads):
    """The row numbers that the loads leave, in the order of their releases: a key that comes back
    replaces."""
    rows, keyed = set(), {}
    for load in loads:
        key = load * 2 % 10 + 1
        rows.discard(keyed.get(key))
        keyed[key] = load * 100
        rows |= {load * 100 + row for row in range(ROWS)}
    return rows


class Driver:
    """One life: started, listened to, killed at an instant of the seed's choosing."""

    def __init__(self, program, warehouse):
        self.process = subprocess.Popen([program, str(warehouse)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.text = b""

    def listen(self, seconds, until=None):
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while time.monotonic() < end and not (until and until in self.text):
                if selector.select(max(0, end - time.monotonic())):
                    chunk = self.process.stdout.read1()
                    if not chunk:
                        return
                    self.text += chunk

    def kill(self):
        self.process.kill()
        rest, errors = self.process.communicate()
        assert self.process.returncode == -9, errors.decode()
        # An acknowledgement counts when its line was written whole.
        return (self.text + rest).decode().split("\n")[:-1]


def committed_loads(warehouse):
    """What the catalogue says was loaded, release by release, and its Delta texts."""
    catalogue = sqlite3.connect(warehouse / "catalogue.db")
    try:
        loads = catalogue.execute("SELECT release_id, note FROM release ORDER BY release_id")
        loads = [(release, int(note.split()[1])) for release, note in loads
                 if note.startswith("load ")]
        versions = catalogue.execute(
            "SELECT table_name, version, release_id, delta_text FROM table_version").fetchall()
    finally:
        catalogue.close()
    return loads, versions


def check_releases(loads, versions):
    """No release is torn: each load has a version in all fifteen tables."""
    tables = {}
    for table, _, release, _ in versions:
        tables.setdefault(release, set()).add(table)
    for release, load in loads:
        assert tables.get(release) == set(TABLES), f"load {load} is torn"
    numbers = [load for _, load in loads]
    assert len(set(numbers)) == len(numbers), "a load was committed twice"


def check_lake(program, warehouse, acknowledged):
    from deltalake import DeltaTable
    # Opening completes what the last death left of the logs; then every byte is read.
    found = subprocess.run([program, "--verify", str(warehouse)], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    loads, versions = committed_loads(warehouse)
    check_releases(loads, versions)
    lost = acknowledged - {load for _, load in loads}
    assert not lost, f"acknowledged and lost: {sorted(lost)}"
    for table, version, _, text in versions:
        log = warehouse / "lake" / table / "_delta_log" / f"{version:020}.json"
        assert log.read_text() == text, log
    expected = sorted(rows_of([load for _, load in loads]))
    for table in TABLES:
        answer = DeltaTable(str(warehouse / "lake" / table)).to_pyarrow_table(
            columns=[f"{table}_id"])
        assert sorted(answer.column(0).to_pylist()) == expected, table


def die(driver, chance, patience, first):
    """Listens to a driver until an instant by chance, then kills it."""
    if chance.random() < 0.9 or first:
        driver.listen(30, until=b"open\n")  # Else it may die while it opens.
    driver.listen(chance.expovariate(1 / patience))
    return driver.kill()


def run_kills(program, warehouse, kills, seed, writers):
    chance = random.Random(seed)
    acknowledged, begun, deaths, living, read_at = set(), 0, 0, [], READ_EVERY
    started = time.monotonic()
    while deaths < kills:
        while len(living) < (writers if deaths else 1):  # The first one makes the warehouse.
            living.append(Driver(program, warehouse))
        for line in die(living.pop(0), chance, LIFE_SECONDS, deaths == 0):
            if line.startswith("done "):
                acknowledged.add(int(line.split()[1]))
            begun += line.startswith("begin ")
        deaths += 1
        if deaths >= min(read_at, kills):
            read_at = deaths + READ_EVERY
            while living:  # They die one after the other, while the rest go on.
                for line in die(living.pop(), chance, LIFE_SECONDS / 10, False):
                    if line.startswith("done "):
                        acknowledged.add(int(line.split()[1]))
                    begun += line.startswith("begin ")
                deaths += 1
            check_lake(program, warehouse, acknowledged)
    print(f"{deaths} kills, {writers} writers, {begun} loads begun, {len(acknowledged)} "
          f"acknowledged, {time.monotonic() - started:.0f} s")
    assert acknowledged and begun > len(acknowledged), "no load died: kill later"


def test_killed_at_any_instant_nothing_is_lost_doubled_or_torn(
        crash_driver, tmp_path, pytestconfig):
    run_kills(crash_driver, pathlib.Path(tmp_path) / "warehouse",
              pytestconfig.getoption("kills") // 2, pytestconfig.getoption("seed"), 1)


def test_killed_beside_other_writers_nothing_is_lost_doubled_or_torn(
        crash_driver, tmp_path, pytestconfig):
    run_kills(crash_driver, pathlib.Path(tmp_path) / "warehouse",
              pytestconfig.getoption("kills") // 2, pytestconfig.getoption("seed"),
              pytestconfig.getoption("writers"))
