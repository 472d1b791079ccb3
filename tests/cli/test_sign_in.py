"""Who gets in at eds serve, what each sees there, and how it ends (IAM-2, IAM-4..6, HAB-7, WEB-5)."""

import json
import os
import pty
import urllib.parse

import pytest

from web_session import PASSWORD, Browser, add_account, serving, set_config, signed_in
from eds_command import eds_path

OPEN = {("GET", "/api/v1/health"), ("GET", "/api/v1/sign-in"), ("POST", "/api/v1/sign-in"),
        ("POST", "/api/v1/sign-in/provider"), ("GET", "/api/v1/sign-in/callback")}
# What a provider signs, tests/cli/test_provider.py.
SIGNED = {("POST", "/api/v1/sign-out/provider")}


@pytest.fixture
def house(eds):
    """A small hospital: anne sees one unit by care, paul the same under a mandate, eva nothing."""
    eds.run("synth", "--patients", 300, "--seed", 5, "--into", eds.warehouse)
    eds.run("access", "sync")
    unit = eds.query("SELECT care_site_source_value AS code, care_site_id AS id FROM care_site "
                     "JOIN visit_detail USING (care_site_id) GROUP BY 1, 2 "
                     "ORDER BY count(DISTINCT visit_detail.person_id) DESC, 1 LIMIT 1")[0]
    eds.unit = unit["code"]
    eds.inside = {str(row["person_id"]) for row in eds.query(
        f"SELECT DISTINCT person_id FROM visit_detail WHERE care_site_id = {unit['id']}")}
    eds.outside = str(eds.query("SELECT min(person_id) AS p FROM person WHERE person_id NOT IN "
                                "(SELECT person_id FROM visit_detail WHERE care_site_id = "
                                f"{unit['id']})")[0]["p"])
    set_config(eds, "sign_in.password_is_strong = true")
    add_account(eds, "anne", "clinician", eds.unit)
    add_account(eds, "paul", "researcher", eds.unit, ground="mandate")
    add_account(eds, "eva", role=None)
    return eds


def events(eds):
    segments = sorted((eds.warehouse / "audit" / "log").glob("*.ndjson"))
    return [json.loads(line) for segment in segments for line in segment.read_text().splitlines()]


def test_every_route_but_the_named_open_ones_refuses_without_a_session(house):
    person = next(iter(house.inside))
    routes = json.loads(house.run("-f", "json", "serve", "--routes").stdout)
    assert {(route["method"], route["path"]) for route in routes
            if route["opening"] == "open"} <= OPEN
    assert {(route["method"], route["path"]) for route in routes
            if route["opening"] == "provider"} == SIGNED
    closed = [route for route in routes if route["opening"] not in ("open", "provider")]
    assert len(closed) >= 8
    with serving(house, "--identity") as (address, _):
        nobodies = [Browser(address) for _ in range(4)]
        nobodies[1].cookie = "eds_session=" + "0" * 64
        nobodies[2].cookie = "__Host-eds=" + "0" * 64
        said = set()
        for route in closed:
            path = route["path"].replace("{id}", person)
            for nobody in nobodies:
                answer = nobody.ask(route["method"], path, {"reason": "care"})
                assert answer.status == 401, route
                said.add(answer.body)
            answer = nobodies[3].ask(route["method"], path,
                                     headers={"Authorization": "Bearer x.y.z"})
            assert answer.status == 401
        # An address that does not exist, a method that is not answered: nobody is told.
        for method, path in (("GET", "/api/v1/nothing"), ("DELETE", "/api/v1/patients"),
                             ("GET", "/api/v2/patients"), ("GET", "/api/")):
            answer = nobodies[0].ask(method, path)
            assert answer.status == 401
            said.add(answer.body)
        assert len(said) == 1
        # What is open tells nothing of a person.
        assert nobodies[0].get("/api/v1/health").json == {"status": "ok"}
        assert set(nobodies[0].get("/api/v1/sign-in").json) == {
            "warehouse", "synthetic", "password", "provider"}
        assert nobodies[0].get("/").status in (200, 404)


def test_each_sees_the_patients_of_the_own_unit_and_nobody_else(house):
    with serving(house) as (address, _):
        for name in ("anne", "paul"):
            browser = signed_in(address, name)
            page = browser.get("/api/v1/patients?limit=200").json
            assert {row["person_id"] for row in page["patients"]} == house.inside
            assert page["total"] == len(house.inside)
            assert browser.get("/api/v1/patients/" + min(house.inside)).status == 200
            refused = browser.get("/api/v1/patients/" + house.outside)
            unknown = browser.get("/api/v1/patients/1")
            assert refused.status == unknown.status == 404
            assert refused.body.replace(house.outside.encode(), b"1") == unknown.body
        eva = signed_in(address, "eva")
        for path in ("/api/v1/patients", "/api/v1/patients/" + min(house.inside)):
            assert eva.get(path).status == 403
        assert "D13" in eva.get("/api/v1/patients").json["error"]["message"]


def test_names_days_and_texts_are_for_care_with_two_factors_alone(house):
    person = min(house.inside)
    with serving(house, "--identity") as (address, _):
        anne = signed_in(address, "anne").get("/api/v1/patients/" + person).json
        paul = signed_in(address, "paul").get("/api/v1/patients/" + person).json
    assert any(note["text"] for note in anne["notes"])
    assert not any(note["text"] for note in paul["notes"])
    set_config_back(house)
    with serving(house, "--identity") as (address, _):
        anne = signed_in(address, "anne")
        weak = anne.get("/api/v1/patients/" + person).json
        assert not any(note["text"] for note in weak["notes"])
        answer = anne.ask("POST", f"/api/v1/patients/{person}/identity", {"reason": "care"})
        assert answer.status == 403 and "D06" in answer.json["error"]["message"]


def set_config_back(eds):
    path = eds.warehouse / "eds.toml"
    path.write_text(path.read_text().replace("password_is_strong = true",
                                             "#password_is_strong = false"))


def test_an_identity_needs_the_person_in_scope_and_a_fresh_proof(house):
    set_config(house, "sign_in.proof_minutes = 1")
    with serving(house, "--identity") as (address, _):
        anne = signed_in(address, "anne")
        ask = {"reason": "care"}
        outside = anne.ask("POST", f"/api/v1/patients/{house.outside}/identity", ask)
        unknown = anne.ask("POST", "/api/v1/patients/1/identity", ask)
        assert outside.status == unknown.status == 404 and outside.body == unknown.body
        paul = signed_in(address, "paul")
        inside = f"/api/v1/patients/{min(house.inside)}/identity"
        assert paul.ask("POST", inside, ask).status == 403
        # A minute later (by the clock of the stored session) the proof is stale.
        make_stale(house)
        answer = anne.ask("POST", inside, ask)
        assert answer.status == 403 and answer.json["error"]["code"] == "step-up"
        assert anne.ask("POST", "/api/v1/step-up", {"password": "wrong"}).status == 401
        before = anne.cookie
        proved = anne.ask("POST", "/api/v1/step-up", {"password": PASSWORD})
        assert proved.status == 200 and anne.cookie != before
        anne.csrf = proved.json["csrf"]
        assert anne.ask("POST", inside, ask).json.get("error", {}).get("code") != "step-up"


def make_stale(eds):
    import sqlite3
    with sqlite3.connect(eds.warehouse / "rights" / "accounts.db") as database:
        database.execute("UPDATE web_session SET proved_us = proved_us - 61000000")


def test_another_sites_page_changes_nothing(house):
    with serving(house, "--identity") as (address, _):
        anne = signed_in(address, "anne")
        own = anne.csrf
        path = f"/api/v1/patients/{min(house.inside)}/identity"
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                        {"EDS-CSRF": None}, {"EDS-CSRF": "0" * 48}, {"EDS-CSRF": own[:-1]}):
            for route in ("/api/v1/sign-out", path):
                answer = anne.ask("POST", route, {"reason": "care"}, headers=headers)
                assert answer.status == 403, headers
        assert anne.ask("POST", "/api/v1/sign-out",
                        headers={"Content-Type": "text/plain"}).status == 415
        evil = Browser(address).ask("POST", "/api/v1/sign-in",
                                    {"name": "anne", "password": PASSWORD},
                                    headers={"Origin": "https://evil.example"})
        assert evil.status == 403 and not evil.headers.get("Set-Cookie")
        for host in ("evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example"):
            assert anne.get("/api/v1/me", Host=host).status == 421
        answer = anne.ask("POST", "/api/v1/sign-out", headers={"Origin": address})
        assert answer.status == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_new_at_each_sign_in(house):
    with serving(house) as (address, _):
        browser = Browser(address)
        answer = browser.sign_in("anne")
        flags = {part.strip() for part in answer.headers["Set-Cookie"].split(";")[1:]}
        assert flags == {"Path=/", "HttpOnly", "SameSite=Strict"}
        first = browser.cookie
        assert browser.sign_in("anne").status == 200 and browser.cookie != first
        old = Browser(address)
        old.cookie = first
        assert old.get("/api/v1/me").status == 401
        # Two cookies of that name: one of them is somebody else's doing.
        twice = Browser(address)
        twice.cookie = browser.cookie + "; " + browser.cookie
        assert twice.get("/api/v1/me").status == 401
        assert all(browser.cookie.split("=")[1] not in path.read_bytes().decode("latin-1")
                   for path in house.warehouse.rglob("*") if path.is_file())


def test_a_session_ends_with_its_account_its_password_or_its_sign_out(house):
    with serving(house) as (address, _):
        def session(name):
            browser = signed_in(address, name)
            assert browser.get("/api/v1/patients").status == 200
            return browser

        anne = session("anne")
        assert anne.ask("POST", "/api/v1/sign-out").status == 200
        anne.cookie = None
        assert anne.get("/api/v1/patients").status == 401
        anne = session("anne")
        house.run("user", "password", "anne", stdin="another long password\n")
        assert anne.get("/api/v1/patients").status == 401
        paul = session("paul")
        house.run("user", "disable", "paul")
        assert paul.get("/api/v1/patients").status == 401
        anne = Browser(address)
        assert anne.sign_in("anne", "another long password").status == 200
        access = json.loads(house.run("-f", "json", "access", "list", "anne").stdout)[0]["access"]
        house.run("access", "revoke", access)
        assert anne.get("/api/v1/patients").status == 403


def test_guessing_waits_and_says_nothing_of_who_exists(house):
    with serving(house) as (address, _):
        said = {}
        for name in ("anne", "nobody", "eva"):
            browser = Browser(address)
            said[name] = [browser.sign_in(name, "a wrong guess") for _ in range(4)]
        for attempt in range(4):
            answers = [said[name][attempt] for name in said]
            assert {answer.status for answer in answers} == {429 if attempt == 2 or attempt == 3
                                                             else 401}
            assert len({answer.body for answer in answers}) == 1
        assert 1 <= int(said["anne"][3].headers["Retry-After"]) <= 10
        assert Browser(address).sign_in("anne").status == 429
        house.run("user", "unlock", "anne")
        assert Browser(address).sign_in("anne").status == 200
    assert not any("anne" in json.dumps(event) for event in events(house)
                   if event["action"] == "sign-in")


@pytest.mark.parametrize("body, expected", [
    (b"", 400), (b"{", 400), (b"[]", 401), (b'{"name": 1, "password": []}', 401),
    (b'{"name": "anne", "password": "\\u0000"}', 401), (b"x" * 9000, 413),
])
def test_what_is_no_sign_in_opens_nothing(eds, body, expected):
    eds.run("synth", "--patients", 20, "--into", eds.warehouse)
    add_account(eds, "anne")
    with serving(eds) as (address, _):
        import urllib.request
        request = urllib.request.Request(address + "/api/v1/sign-in", data=body, method="POST",
                                         headers={"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        assert refused.value.code == expected and not refused.value.headers.get("Set-Cookie")


def test_me_says_what_one_may_do_and_why(house):
    with serving(house) as (address, _):
        me = signed_in(address, "anne").get("/api/v1/me").json
        assert me["user"] == {"name": "anne"}
        assert me["session"]["method"] == "password" and me["session"]["fresh"] is True
        (access,) = me["accesses"]
        assert access["role"] == "clinician" and access["perimeter"] == house.unit
        assert access["state"] == "active" and "read-nominative" in access["rights"]
        decisions = {(each["action"], each["ground"]): each for each in me["decisions"]}
        assert decisions[("read", "care")]["level"] == "nominative"
        assert "autorisé" in decisions[("read", "care")]["why"]["fr"]
        refused = decisions[("manage-users", "mandate")]
        assert refused["allowed"] is False and refused["rule"] == "D13"


def test_answers_carry_their_number_and_what_fails_inside_stays_inside(house):
    with serving(house) as (address, process):
        anne = signed_in(address, "anne")
        number = anne.get("/api/v1/patients/1").headers["EDS-Request-Id"]
        assert len(number) == 16
        (house.warehouse / "catalogue.db").rename(house.warehouse / "away.db")
        parts = list((house.warehouse).rglob("*.parquet"))
        for part in parts:
            part.rename(part.with_suffix(".away"))
        answer = anne.get("/api/v1/patients?sex=F")
        for part in parts:
            part.with_suffix(".away").rename(part)
        (house.warehouse / "away.db").rename(house.warehouse / "catalogue.db")
        assert answer.status == 500
        assert str(house.warehouse) not in answer.body.decode()
        number = answer.headers["EDS-Request-Id"]
        process.terminate()
        said = process.communicate(timeout=20)[1]
        assert str(house.warehouse) not in said
    log = (house.warehouse / "log" / "eds.log").read_text().splitlines()
    (line,) = [json.loads(line) for line in log
               if number in line and "request failed" in line]
    assert line["level"] == "error" and line["why"]


def test_a_password_is_read_from_the_terminal_without_echo_and_twice(house):
    def typed(*words):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(eds_path(), [str(eds_path()), "--warehouse", str(house.warehouse), "user",
                                  "password", "anne"])
        said = b""
        for word in words:
            while not said.endswith((b"password: ", b"again: ")):
                said += os.read(terminal, 1000)
            os.write(terminal, word.encode() + b"\n")
            said += b"|"
        while True:
            try:
                piece = os.read(terminal, 1000)
            except OSError:
                break
            if not piece:
                break
            said += piece
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode()

    code, said = typed("typed on a terminal", "typed on a terminal")
    assert code == 0 and "typed on" not in said
    code, said = typed("typed on a terminal", "mistyped on a terminal")
    assert code == 2 and "differ" in said
    with serving(house) as (address, _):
        assert Browser(address).sign_in("anne", "typed on a terminal").status == 200


def test_weak_passwords_and_unknown_accounts_are_refused(eds):
    eds.run("user", "add", "anne")
    for weak in ("short", "x" * 20, "anne and anne and anne"):
        done = eds.run("user", "password", "anne", stdin=weak + "\n", expect=2)
        assert weak not in done.stdout + done.stderr
    eds.run("user", "password", "nobody", stdin=PASSWORD + "\n", expect=3)


def test_plain_http_stays_on_this_machine(eds):
    for address in ("0.0.0.0", "::", "192.0.2.1"):
        done = eds.run("serve", "--address", address, "--port", "0", expect=2)
        assert "serve.certificate" in done.stderr


def test_security_headers_stand_on_every_answer(house):
    with serving(house) as (address, _):
        anne = signed_in(address, "anne")
        for path in ("/", "/api/v1/me", "/api/v1/nothing", "/api/v1/%zz"):
            headers = anne.get(path).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
            assert "script-src" not in policy and "unsafe-eval" not in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Access-Control-Allow-Origin"] is None
            assert headers["Server"] is None
        assert anne.get("/api/v1/me").headers["Cache-Control"] == "no-store"
        long = Browser(address)
        assert long.get("/api/v1/me?" + urllib.parse.urlencode({"x": "y" * 50_000})).status == 431
