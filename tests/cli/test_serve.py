"""eds serve: the API of docs/reference/api.md, its refusals, and what the audit keeps of it."""

import contextlib
import gzip
import json
import re
import signal
import subprocess
import urllib.error
import urllib.request
from subprocess import PIPE

import pytest

from eds_command import eds_path
from test_patients import stays_folder  # noqa: F401  (a fixture)


@contextlib.contextmanager
def serving(eds, *options):
    """`eds serve` on a free port: its address and its process."""
    command = [eds_path(), "--warehouse", eds.warehouse, "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True)
    line = process.stdout.readline()
    yield re.search(r"http://[0-9.:]+", line).group(0), process
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


@pytest.fixture
def server(eds, stays_folder):
    eds.run("ingest", "--format", "omop-csv", stays_folder)
    with serving(eds) as (address, _):
        yield address, eds


def get(address, path):
    with urllib.request.urlopen(address + path, timeout=20) as answer:
        return json.load(answer)


def status(address, path, method="GET"):
    try:
        request = urllib.request.Request(address + path, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_api_shows_a_whole_patient(server):
    address, _ = server
    assert get(address, "/api/v1/session")["release"]["name"] == "r1"
    patient = get(address, "/api/v1/patients/7")
    assert patient["person"]["sex"] == "F"
    assert patient["person"]["birth_date"] == "1950-03-04"
    assert patient["person"]["death_date"] == "2024-06-01"
    assert [visit["kind"] for visit in patient["visits"]] == ["inpatient"]
    assert [item["code"] for item in patient["conditions"]] == ["I210", "I10"]
    (series,) = patient["measurements"]
    assert [value["value"] for value in series["values"]] == [4.5, 6.1]
    assert [value["flag"] for value in series["values"]] == ["N", "H"]
    assert patient["conditions"][0]["source"]["file"] == "condition_occurrence.csv"


def test_the_list_is_filtered_counted_and_paged(server):
    address, _ = server
    assert get(address, "/api/v1/patients")["total"] == 3
    women = get(address, "/api/v1/patients?sex=F")
    assert [row["person_id"] for row in women["patients"]] == ["7"]
    assert get(address, "/api/v1/patients?code=I21")["total"] == 1
    page = get(address, "/api/v1/patients?limit=1&offset=1")
    assert page["total"] == 3 and len(page["patients"]) == 1


def test_ages_are_counted_on_the_day_of_death(server):
    address, _ = server
    # Born 4 March 1950, dead 1 June 2024.
    assert get(address, "/api/v1/patients/7")["person"]["age_years"] == 74
    (row,) = [row for row in get(address, "/api/v1/patients")["patients"]
              if row["person_id"] == "7"]
    assert row["age_years"] == 74


def test_the_living_have_one_age_in_the_list_and_in_the_record(server):
    address, _ = server
    for row in get(address, "/api/v1/patients")["patients"]:
        person = get(address, "/api/v1/patients/" + row["person_id"])["person"]
        assert person["age_years"] == row["age_years"]


def test_a_diagnosis_is_searched_with_and_without_its_dot(server):
    address, _ = server
    for code in ("I21.0", "I210", "I21", "i21"):
        found = get(address, f"/api/v1/patients?code={code}")["total"]
        assert found == (0 if code == "i21" else 1), code


def test_persons_of_unknown_sex_are_found_by_it(server):
    address, _ = server
    rows = get(address, "/api/v1/patients?sex=U")["patients"]
    assert [(row["person_id"], row["sex"]) for row in rows] == [("9", "U")]


def test_the_pages_travel_compressed_and_are_the_same(server):
    address, _ = server
    index = urllib.request.urlopen(address + "/", timeout=20).read().decode()
    script = re.search(r'src="(/assets/[^"]+)"', index)
    if not script:
        pytest.skip("this eds was built without its pages")

    def fetch(coding):
        request = urllib.request.Request(address + script.group(1),
                                         headers={"Accept-Encoding": coding})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.headers["Content-Encoding"], answer.read()

    coding, packed = fetch("gzip, br")
    assert coding == "gzip"
    for refused in ("identity", "gzip;q=0"):
        coding, plain = fetch(refused)
        assert coding is None and gzip.decompress(packed) == plain


@pytest.mark.parametrize("path, expected", [
    ("/api/v1/patients/404", 404),
    ("/api/v1/patients/abc", 400),
    ("/api/v1/patients/7'%20OR%201=1", 400),
    ("/api/v1/patients?limit=x", 400),
    ("/api/v1/patients?age_min=-1", 400),
    ("/api/v1/sources/999", 404),
    ("/api/v2/patients", 404),
    ("/api/v1/%zz", 400),
    ("/assets/../../etc/passwd", 404),
])
def test_what_makes_no_sense_is_refused(server, path, expected):
    address, _ = server
    assert status(address, path) == expected


def test_nothing_is_written_through_the_api(server):
    address, _ = server
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert status(address, "/api/v1/patients/7", method) == 405


def test_every_look_at_a_person_is_in_the_audit(server):
    address, eds = server
    get(address, "/api/v1/patients/7")
    events = [json.loads(line) for line in
              eds.run("audit", "search", '"patient"').stdout.splitlines()]
    assert any(event.get("object") == "7" for event in events)
    assert "sound" in eds.run("audit", "verify").stdout
