"""eds serve: the API of docs/reference/api.md, its refusals, and what the audit keeps of it."""

import json
import re
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

from test_patients import stays_folder  # noqa: F401  (a fixture)


@pytest.fixture
def server(eds, stays_folder, request):
    eds.run("ingest", "--format", "omop-csv", stays_folder)
    from subprocess import PIPE
    path = eds.run("--version").args[0]
    process = subprocess.Popen([path, "--warehouse", eds.warehouse, "serve", "--port", "0"],
                               stdout=PIPE, text=True)
    line = process.stdout.readline()
    address = re.search(r"http://[0-9.:]+", line).group(0)
    yield address, eds
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


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
