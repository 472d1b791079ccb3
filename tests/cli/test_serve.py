"""eds serve: the API of docs/reference/api.md, its refusals, and what the audit keeps of it."""

import gzip
import json
import re
import urllib.request

import pytest

from test_patients import stays_folder  # noqa: F401  (a fixture)
from web_session import add_account, serving, set_config, signed_in


@pytest.fixture
def server(eds, stays_folder):
    eds.run("ingest", "--format", "omop-csv", stays_folder)
    # The people of these tests have two factors, so that all of a record is shown.
    set_config(eds, "sign_in.password_is_strong = true")
    add_account(eds, "anne")
    with serving(eds) as (address, _):
        yield signed_in(address, "anne"), eds


def get(browser, path):
    answer = browser.get(path)
    assert answer.status == 200, answer.body
    return answer.json


def test_the_api_shows_a_whole_patient(server):
    browser, _ = server
    assert get(browser, "/api/v1/session")["release"]["name"] == "r1"
    patient = get(browser, "/api/v1/patients/7")
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
    browser, _ = server
    assert get(browser, "/api/v1/patients")["total"] == 3
    women = get(browser, "/api/v1/patients?sex=F")
    assert [row["person_id"] for row in women["patients"]] == ["7"]
    assert get(browser, "/api/v1/patients?code=I21")["total"] == 1
    page = get(browser, "/api/v1/patients?limit=1&offset=1")
    assert page["total"] == 3 and len(page["patients"]) == 1


def test_ages_are_counted_on_the_day_of_death(server):
    browser, _ = server
    # Born 4 March 1950, dead 1 June 2024.
    assert get(browser, "/api/v1/patients/7")["person"]["age_years"] == 74
    (row,) = [row for row in get(browser, "/api/v1/patients")["patients"]
              if row["person_id"] == "7"]
    assert row["age_years"] == 74


def test_the_living_have_one_age_in_the_list_and_in_the_record(server):
    browser, _ = server
    for row in get(browser, "/api/v1/patients")["patients"]:
        person = get(browser, "/api/v1/patients/" + row["person_id"])["person"]
        assert person["age_years"] == row["age_years"]


def test_a_diagnosis_is_searched_with_and_without_its_dot(server):
    browser, _ = server
    for code in ("I21.0", "I210", "I21", "i21"):
        found = get(browser, f"/api/v1/patients?code={code}")["total"]
        assert found == (0 if code == "i21" else 1), code


def test_persons_of_unknown_sex_are_found_by_it(server):
    browser, _ = server
    rows = get(browser, "/api/v1/patients?sex=U")["patients"]
    assert [(row["person_id"], row["sex"]) for row in rows] == [("9", "U")]


def test_the_pages_travel_compressed_and_are_the_same(server):
    browser, _ = server
    index = urllib.request.urlopen(browser.address + "/", timeout=20).read().decode()
    script = re.search(r'src="(/assets/[^"]+)"', index)
    if not script:
        pytest.skip("this eds was built without its pages")

    def fetch(coding):
        request = urllib.request.Request(browser.address + script.group(1),
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
    browser, _ = server
    assert browser.get(path).status == expected


def test_nothing_is_written_through_the_api(server):
    browser, _ = server
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert browser.ask(method, "/api/v1/patients/7").status == 405


def test_every_look_at_a_person_is_in_the_audit(server):
    browser, eds = server
    get(browser, "/api/v1/patients/7")
    events = [json.loads(line) for line in
              eds.run("audit", "search", '"patient"').stdout.splitlines()]
    assert any(event.get("object") == "7" for event in events)
    assert "sound" in eds.run("audit", "verify").stdout
