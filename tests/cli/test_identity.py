"""Who a person is: shown to whoever states a reason, to nobody else, and left nowhere."""

import json
import resource
import urllib.error
import urllib.request

import pytest

from eds_command import ROOT
from test_serve import get
from web_session import add_account, serving, set_config, signed_in

# Words that stand nowhere else, so that a hit is a leak and not chance.
NAMES = ["ZQXVASSEUR", "ZQXDUMAS", "Zqxagathe"]
IPP = "8271828182459"
PERSON = (f"IPP;NOM_NAISSANCE;NOM_USAGE;PRENOMS;DATE_NAISSANCE;SEXE;ADRESSE;CODE_POSTAL;VILLE;"
          f"TELEPHONE;DATE_DECES;IPP_PRECEDENT\n"
          f"{IPP};{NAMES[0]};{NAMES[1]};{NAMES[2]};08/09/1961;F;55 rue Zqxhugo;34000;Zqxville;"
          f"0639982714;;\n")


@pytest.fixture
def known(eds, tmp_path):
    """A warehouse that knows who one person is, and that person's id."""
    path = tmp_path / "patients.csv"
    path.write_text(PERSON)
    eds.run("ingest", "--format", "identities-csv", "--authority", "990000001",
            "--mapping", ROOT / "tools" / "demo" / "identities.toml", path)
    path.unlink()
    set_config(eds, "sign_in.password_is_strong = true")
    add_account(eds, "anne")
    return eds, eds.value("SELECT person_id FROM person")


def events(eds, text):
    return [json.loads(line) for line in eds.run("audit", "search", text).stdout.splitlines()]


def ask(browser, person, body=b'{"reason": "care"}', kind="application/json", host=None):
    """POSTs for an identity; answers (status, body, headers)."""
    headers = {"Content-Type": kind, "Cookie": browser.cookie, "EDS-CSRF": browser.csrf}
    headers |= {"Host": host} if host else {}
    request = urllib.request.Request(f"{browser.address}/api/v1/patients/{person}/identity",
                                     data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def test_the_command_line_asks_for_a_reason(known):
    eds, person = known
    plain = eds.run("patient", person).stdout
    assert "identity" not in json.loads(plain)
    for reason in ([], ["--reason", "curiosity"], ["--reason", NAMES[0]]):
        done = eds.run("patient", person, "--identity", *reason, expect=2)
        assert not any(name in done.stdout + done.stderr for name in NAMES)
    assert not any(event["action"] == "identity" for event in events(eds, "identity"))
    shown = json.loads(eds.run("patient", person, "--identity", "--reason", "care").stdout)
    assert shown["identity"] == {
        "person_id": str(person), "birth_name": NAMES[0], "used_name": NAMES[1],
        "first_names": NAMES[2], "birth_date": "1961-09-08", "birth_place": None,
        "identifiers": [{"kind": "ipp", "authority": "990000001", "value": IPP}]}
    (event,) = [event for event in events(eds, "identity") if event["action"] == "identity"]
    assert event["object"] == str(person) and event["reason"] == "care"
    assert event["outcome"] == "done"


def test_a_question_about_nobody_leaves_an_event_too(known):
    eds, _ = known
    with serving(eds, "--identity") as (address, _):
        status, body, _ = ask(signed_in(address, "anne"), 12345)
        assert status == 404 and json.loads(body)["error"]["code"] == "not-found"
    (event,) = [event for event in events(eds, "identity") if event["action"] == "identity"]
    assert event["object"] == "12345" and event["outcome"] == "refused"


def test_a_server_shows_identities_only_when_told_to(known):
    eds, person = known
    with serving(eds) as (address, _):
        browser = signed_in(address, "anne")
        assert get(browser, "/api/v1/session")["identity"] is False
        status, body, _ = ask(browser, person)
        assert status == 403 and not any(name in body for name in NAMES)
    (event,) = [event for event in events(eds, "identity") if event["action"] == "identity"]
    assert event["outcome"] == "refused"


@pytest.mark.parametrize("change, expected", [
    ({"body": b'{"reason": "curiosity"}'}, 400),
    ({"body": b"{}"}, 400),
    ({"body": b"reason=care"}, 400),
    ({"kind": "text/plain"}, 415),
    ({"kind": "application/x-www-form-urlencoded"}, 415),
    ({"host": "evil.example"}, 421),
    ({"host": "127.0.0.1.evil.example:80"}, 421),
])
def test_what_is_no_honest_question_is_refused(known, change, expected):
    eds, person = known
    with serving(eds, "--identity") as (address, _):
        status, body, _ = ask(signed_in(address, "anne"), person, **change)
        assert status == expected
        assert not any(name in body for name in NAMES)


def test_an_identity_is_answered_and_left_nowhere(known):
    eds, person = known
    with serving(eds, "--identity") as (address, process):
        browser = signed_in(address, "anne")
        assert get(browser, "/api/v1/session")["identity"] is True
        status, body, headers = ask(browser, person)
        assert status == 200 and all(name in body for name in NAMES) and IPP in body
        assert headers["Cache-Control"] == "no-store"
        # Not by an address one could keep, nor by what else the API says.
        assert browser.get(f"/api/v1/patients/{person}/identity?reason=care").status == 405
        others = [get(browser, path) for path in
                  (f"/api/v1/patients/{person}", "/api/v1/patients", "/api/v1/session")]
        process.terminate()
        said = process.communicate(timeout=20)
    canaries = [*NAMES, IPP, "Zqxhugo", "Zqxville", "0639982714"]
    places = {"API": json.dumps(others), "server's output": "".join(said)}
    for path in eds.warehouse.rglob("*"):
        if path.is_file():
            places[path.name] = path.read_bytes().decode("latin-1")
    found = [(place, canary) for place, text in places.items() for canary in canaries
             if canary in text]
    assert found == []
    assert len([e for e in events(eds, "identity") if e["action"] == "identity"]) == 1
    assert "sound" in eds.run("audit", "verify").stdout


def test_a_program_that_crashes_leaves_no_memory_on_the_disk(known):
    eds, _ = known
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with serving(eds) as (_, process):
        with open(f"/proc/{process.pid}/limits", encoding="ascii") as limits:
            core = next(line for line in limits if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]
