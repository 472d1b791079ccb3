"""Signing in at a real OpenID Connect provider, and attacks on the way (IAM-1, IAM-2, IAM-3)."""

import base64
import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from eds_command import eds_path
from provider import Visitor, hospital
from test_sign_in import events, make_stale
from test_tls import certificate
from web_session import PASSWORD, Browser, add_account, set_config, signed_in


def add_person(eds, provider, name, subject=None, role="clinician"):
    """An account of somebody whom the provider knows."""
    eds.run("user", "add", name, "--subject", f"{provider.issuer}|{subject or name}")
    if role:
        eds.run("access", "grant", name, role, "*")


@pytest.fixture
def ward(eds):
    eds.run("synth", "--patients", 30, "--into", eds.warehouse)
    return eds


def test_somebody_signs_in_at_the_provider_and_is_the_account_of_the_subject(ward):
    with hospital(ward) as (address, provider, process):
        add_person(ward, provider, "dr.anne", "anne")
        assert Browser(address).get("/api/v1/sign-in").json["provider"] == {"name": "CHU"}
        anne = Visitor(address, provider)
        where = anne.leave(page="/patients")
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))
        assert asked["response_type"] == "code" and asked["scope"] == "openid"
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        assert asked["redirect_uri"] == address + "/api/v1/sign-in/callback"
        assert min(len(asked["state"]), len(asked["nonce"])) == 43
        assert provider.arrived()["token"] == []
        back = anne.at_provider(where)
        answer = anne.come_back(back)
        assert answer.status == 303 and answer.headers["Location"] == "/patients"
        assert provider.arrived()["token"] == ["Basic"]
        me = anne.get("/api/v1/me").json
        assert me["user"]["name"] == "dr.anne"
        assert (me["session"]["method"], me["session"]["factors"]) == ("provider", 1)
        assert anne.get("/api/v1/patients").json["total"] == 30
        cookies = answer.headers.get_all("Set-Cookie")
        session, = (each for each in cookies if each.startswith("eds_session="))
        assert "SameSite=Strict" in session and "HttpOnly" in session
        away, = (each for each in cookies if each.startswith("eds_away="))
        assert "Max-Age=0" in away
        process.terminate()
        noise = "".join(process.communicate(timeout=20))
    # What was secret on the way stands nowhere.
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))["code"]
    kept = noise + (ward.warehouse / "log" / "eds.log").read_text() + json.dumps(events(ward))
    for canary in (code, asked["state"], asked["nonce"], "s3cret", "odd%2Bsigns"):
        assert canary not in kept
    assert "s3cret" not in (ward.warehouse / "eds.toml").read_text()


# What is wrong with the identity token or the answers, and what the page is told.
REFUSED = ["nonce", "no-nonce", "audience", "more-audiences", "party", "issuer", "expired",
           "no-expiry", "future", "no-age", "at-hash", "subject", "long-subject", "no-auth-time",
           "old-auth-time", "none", "HS256", "foreign-key", "unknown-key", "access-token",
           "logout-token", "two-dots", "empty", "deny"]
UNAVAILABLE = ["long", "broken", "redirect"]


def test_tokens_that_are_not_to_be_believed_open_nothing_and_say_nothing(ward):
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "anne")
        add_account(ward, "paul")
        for wanted, wrongs in (("refused", REFUSED), ("unavailable", UNAVAILABLE)):
            bodies = set()
            for wrong in wrongs:
                provider.set(tamper=wrong)
                anne = Visitor(address, provider)
                answer = anne.sign_in_there()
                assert anne.refused_as(answer) == wanted, wrong
                bodies.add(answer.body)
            assert bodies == {b""}
        # Local accounts go on, and so does anne once the provider is well.
        assert Browser(address).sign_in("paul").status == 200
        provider.set()
        assert Visitor(address, provider).sign_in_there().headers["Location"] == "/patients"
    said = (ward.warehouse / "log" / "eds.log").read_text()
    for why in ("token-answers-another-request", "token-is-for-somebody-else",
                "token-comes-from-another-issuer", "token-has-expired", "token-never-expires",
                "the-identity-token-goes-with-another-access-token", "token-is-of-another-kind",
                "the-person-proved-to-be-there-too-long-ago", "the-provider-refused-the-sign-in",
                "token-names-a-key-that-is-not-the-issuer", "the-server-s-answer-is-too-long"):
        assert why in said or why.replace("-s-", "?s-") in said, why
    refused = [event for event in events(ward) if event["action"] == "sign-in"
               and event["outcome"] == "refused"]
    assert len(refused) == len(REFUSED) + len(UNAVAILABLE)


def changed(back, **values):
    """The redirection with other values; None takes one out."""
    parts = urllib.parse.urlsplit(back)
    query = dict(urllib.parse.parse_qsl(parts.query)) | values
    query = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=urllib.parse.urlencode(query)).geturl()


def test_a_departure_comes_back_once_in_its_own_browser_with_its_own_state(ward):
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "anne")

        def refusal(change=lambda back: back, between=lambda visitor: None, how="expired"):
            visitor = Visitor(address, provider)
            back = visitor.at_provider(visitor.leave())
            between(visitor)
            assert visitor.refused_as(visitor.come_back(change(back))) == how

        refusal(lambda back: changed(back, state="A" * 43))
        refusal(lambda back: changed(back, state=None))
        refusal(lambda back: changed(back, state=""))
        # A browser that did not leave, one whose cookie was made up, one that left again since.
        refusal(between=lambda visitor: (visitor.here.clear(), setattr(visitor, "cookie", None)))
        refusal(between=lambda visitor: setattr(visitor, "cookie", "eds_away=" + "A" * 300))
        refusal(between=lambda visitor: visitor.leave())
        # Two departures' cookies at once are none.
        refusal(between=lambda visitor: setattr(
            visitor, "cookie", visitor.cookie + "; " + visitor.cookie))
        # Another provider's answer led here (RFC 9207), or one without a name from ours, that has one.
        refusal(lambda back: changed(back, iss="https://evil.example"), how="refused")
        refusal(lambda back: changed(back, iss=None), how="refused")
        refusal(lambda back: changed(back, code=None), how="refused")
        assert provider.arrived()["token"] == []  # No code went to the provider so far.

        # Somebody else's code in one's own departure: PKCE and the provider refuse it.
        thief, victim = Visitor(address, provider), Visitor(address, provider)
        stolen = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(
            victim.at_provider(victim.leave())).query))["code"]
        mine = thief.at_provider(thief.leave())
        assert thief.refused_as(thief.come_back(changed(mine, code=stolen))) == "refused"

        # The same redirection again, with the cookie it had: once is all.
        anne = Visitor(address, provider)
        back = anne.at_provider(anne.leave())
        cookie = anne.cookie
        assert anne.come_back(back).headers["Location"] == "/patients"
        again = Visitor(address, provider)
        again.cookie = cookie
        assert again.refused_as(again.come_back(back)) == "expired"
        assert len(provider.arrived()["token"]) == 2


def test_only_pages_of_our_own_lie_at_the_end(ward):
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "anne")
        for page, wanted in (("/patients/12", "/patients/12"), ("https://evil.example", "/"),
                             ("//evil.example", "/"), ("/\\evil.example", "/"), ("", "/"),
                             ("/api/v1/sign-out", "/"), ("/a?b=c", "/"), ("/a\r\nX: y", "/")):
            visitor = Visitor(address, provider)
            assert visitor.sign_in_there(page=page).headers["Location"] == wanted, page
        # Leaving is asked for by our own page.
        stranger = Visitor(address, provider)
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Content-Type": "application/x-www-form-urlencoded"}):
            answer = stranger.ask("POST", "/api/v1/sign-in/provider", {"page": "/"}, headers)
            assert answer.status in (403, 415) and not stranger.here


def test_whom_the_provider_knows_and_we_do_not_gets_no_account(ward):
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "paul")
        ward.run("user", "disable", "paul")
        before = ward.run("-f", "json", "user", "list").stdout
        for person in ("stranger", "paul"):
            provider.set(person=person)
            visitor = Visitor(address, provider)
            assert visitor.refused_as(visitor.sign_in_there()) == "no-account"
        assert ward.run("-f", "json", "user", "list").stdout == before
        # The audit names the subject, so that the owner can add the account.
        assert f"{provider.issuer}|stranger" in json.dumps(events(ward), ensure_ascii=False)
        add_person(ward, provider, "new", "stranger", role=None)
        provider.set(person="stranger")
        visitor = Visitor(address, provider)
        assert visitor.sign_in_there().headers["Location"] == "/patients"
        # An account is not a right.
        assert visitor.get("/api/v1/patients").status == 403


def test_two_factors_are_what_the_provider_says_they_are(ward):
    with hospital(ward, "--identity") as (address, provider, _):
        add_person(ward, provider, "anne")
        for said, factors in (({"acr": "silver"}, 1), ({"acr": "gold"}, 2), ({"acr": "gol"}, 1),
                              ({"acr": "silver", "amr": ["pwd", "mfa"]}, 2),
                              ({"acr": "silver", "amr": ["otp"]}, 1)):
            provider.set(**said)
            anne = Visitor(address, provider)
            anne.sign_in_there()
            session = anne.get("/api/v1/me").json["session"]
            assert (session["factors"], session["fresh"]) == (factors, True), said
            record = anne.get("/api/v1/patients/" + first_person(anne)).json
            assert any(note["text"] for note in record["notes"]) == (factors == 2), said


def first_person(visitor):
    """Somebody with a report, whose text shows whether names may be seen."""
    for row in visitor.get("/api/v1/patients").json["patients"]:
        if visitor.get("/api/v1/patients/" + row["person_id"]).json["notes"]:
            return row["person_id"]
    raise AssertionError("no patient with a report")


def test_a_proof_given_long_ago_at_the_provider_opens_no_identity_until_it_is_given_again(ward):
    set_config(ward, "sign_in.proof_minutes = 1")
    with hospital(ward, "--identity") as (address, provider, _):
        add_person(ward, provider, "anne")
        provider.set(acr="gold", proved=3600)
        anne = Visitor(address, provider)
        anne.sign_in_there()
        assert anne.get("/api/v1/me").json["session"]["fresh"] is False
        inside = f"/api/v1/patients/{first_person(anne)}/identity"
        ask = {"reason": "care"}
        assert anne.ask("POST", inside, ask).json["error"]["code"] == "step-up"
        # A password is not what this session began with.
        assert anne.ask("POST", "/api/v1/step-up", {"password": PASSWORD}).status == 401

        def step_up(**settings):
            provider.set(**({"acr": "gold"} | settings))
            where = anne.leave("/api/v1/step-up/provider", page="/patients/7")
            asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))
            assert asked["prompt"] == "login" and int(asked["max_age"]) <= 60
            return anne.come_back(anne.at_provider(where))

        # A provider that lets an old proof pass, and another person at the same screen.
        for settings in ({"proved": 600}, {"person": "paul"}):
            if "person" in settings:
                add_person(ward, provider, "paul")
                anne.jar.clear()
            answer = step_up(**settings)
            assert answer.headers["Location"] == "/patients/7?sign-in=refused", settings
            assert anne.get("/api/v1/me").json["session"]["fresh"] is False
        anne.jar.clear()
        before = anne.here["eds_session"]
        assert step_up().headers["Location"] == "/patients/7"
        assert anne.here["eds_session"] != before
        me = anne.get("/api/v1/me").json
        assert me["user"]["name"] == "anne" and me["session"]["fresh"] is True
        anne.csrf = me["session"]["csrf"]
        answer = anne.ask("POST", inside, ask)
        assert answer.json.get("error", {}).get("code") != "step-up", answer.body
        # The ticket from before is over.
        old = Browser(address)
        old.cookie = "eds_session=" + before
        assert old.get("/api/v1/me").status == 401
        # Minutes later it is stale again.
        make_stale(ward)
        assert anne.ask("POST", inside, ask).json["error"]["code"] == "step-up"


def test_a_step_up_needs_a_session_of_the_provider_and_ends_with_it(ward):
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "anne")
        add_account(ward, "paul")
        path = "/api/v1/step-up/provider"
        assert Browser(address).ask("POST", path, {"page": "/"}).status == 401
        assert signed_in(address, "paul").ask("POST", path, {"page": "/"}).status == 403
        anne = Visitor(address, provider)
        anne.sign_in_there()
        token, anne.csrf = anne.csrf, None
        assert anne.ask("POST", path, {"page": "/"}).status == 403
        anne.csrf = token
        back = anne.at_provider(anne.leave(path))
        away = anne.here["eds_away"]
        assert anne.ask("POST", "/api/v1/sign-out").status == 200
        anne.here["eds_away"] = away
        anne.cookie = f"eds_away={away}"
        assert anne.refused_as(anne.come_back(back)) == "expired"


def test_signing_out_ends_the_session_here_and_leads_to_the_provider(ward):
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "anne")
        anne = Visitor(address, provider)
        anne.sign_in_there()
        cookie = anne.cookie
        answer = anne.ask("POST", "/api/v1/sign-out")
        where = answer.json["address"]
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))
        assert where.startswith(provider.issuer + "/session/end?")
        assert asked == {"client_id": "eds-web", "post_logout_redirect_uri": address + "/"}
        anne.cookie = cookie
        assert anne.get("/api/v1/me").status == 401
        with anne.there.open(where, timeout=30) as page:
            assert b"<form" in page.read()  # The provider asks whether that is meant.
        add_account(ward, "paul")
        assert signed_in(address, "paul").ask("POST", "/api/v1/sign-out").json["address"] is None


def sign_out_at(address, token):
    body = urllib.parse.urlencode({"logout_token": token}).encode()
    browser = Browser(address)
    request = urllib.request.Request(address + "/api/v1/sign-out/provider", method="POST",
                                     data=body)
    try:
        with browser.opener.open(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_provider_says_that_somebody_left_and_it_is_so(ward):
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "anne")
        add_person(ward, provider, "paul")

        def token(**claims):
            return provider.set(logout={"sub": "anne"} | claims)["logout"]

        anne, paul = Visitor(address, provider), Visitor(address, provider)
        anne.sign_in_there()
        provider.set(person="paul")
        paul.sign_in_there()
        nonce, identity = token(nonce="n"), token(events={})
        for bad in ("", "x.y.z", nonce, identity, token(aud="another"), token(sub="paul")[:-6],
                    token(exp=1_000_000_000), token(iss="http://localhost:1"), token(sub="")):
            assert sign_out_at(address, bad) == 400
            assert anne.get("/api/v1/me").status == 200
        good = token()
        assert sign_out_at(address, good) == 200
        assert anne.get("/api/v1/me").status == 401 and paul.get("/api/v1/me").status == 200
        # Said again, it ends no later session.
        provider.set()
        anne.sign_in_there()
        assert sign_out_at(address, good) == 400
        assert anne.get("/api/v1/me").status == 200
        # And so says the provider itself, when somebody signs out there.
        with anne.there.open(provider.issuer + "/session/end", timeout=30) as page:
            xsrf = re.search(rb'name="xsrf" value="([^"]+)"', page.read()).group(1).decode()
        body = urllib.parse.urlencode({"xsrf": xsrf, "logout": "yes"}).encode()
        request = urllib.request.Request(provider.issuer + "/session/end/confirm", data=body)
        try:
            anne.there.open(request, timeout=30).close()
        except urllib.error.HTTPError as error:
            assert error.code in (302, 303)
        assert anne.get("/api/v1/me").status == 401


def test_keys_rotate_while_somebody_is_away(ward):
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "anne")
        assert Visitor(address, provider).sign_in_there().headers["Location"] == "/patients"
        away = Visitor(address, provider)
        back = away.at_provider(away.leave())
        provider.set(rotate=True)
        assert away.come_back(back).headers["Location"] == "/patients"
        # A set that holds a secret is none: what it signs is not believed.
        provider.set(rotate=True, tamper="secret-in-keys")
        anne = Visitor(address, provider)
        assert anne.refused_as(anne.sign_in_there()) == "refused"


@pytest.mark.parametrize("started", [True, False])
def test_while_the_provider_is_away_people_are_told_and_local_accounts_go_on(ward, started):
    with hospital(ward, started=started) as (address, provider, _):
        add_person(ward, provider, "anne")
        add_account(ward, "paul")
        anne = Visitor(address, provider)
        if started:
            back = anne.at_provider(anne.leave())
            provider.stop()
            assert anne.refused_as(anne.come_back(back)) == "unavailable"
        else:
            answer = anne.ask("POST", "/api/v1/sign-in/provider", {"page": "/"})
            assert answer.status == 503 and "localhost" not in answer.body.decode()
        paul = signed_in(address, "paul")
        assert paul.get("/api/v1/patients").json["total"] == 30
        assert paul.ask("POST", "/api/v1/sign-out").status == 200
    said = (ward.warehouse / "log" / "eds.log").read_text()
    assert "the-server-cannot-be-reached" in said


def test_a_discovery_document_of_another_issuer_is_none(ward):
    with hospital(ward, started=False, tamper="other-issuer") as (address, provider, _):
        answer = Visitor(address, provider).ask("POST", "/api/v1/sign-in/provider", {})
        assert answer.status == 503
    said = (ward.warehouse / "log" / "eds.log").read_text()
    assert "the-discovery-document-is-another-issuer" in said


def test_programs_bring_access_tokens_of_the_provider(ward):
    with hospital(ward, audience="eds") as (address, provider, _):
        ward.run("user", "add", "lab", "--subject", f"{provider.issuer}|lab")
        ward.run("--ground", "mandate", "access", "grant", "lab", "researcher", "*")

        def ask():
            return Browser(address).get("/api/v1/patients",
                                        Authorization="Bearer " + access_token(provider))

        assert ask().json["total"] == 30
        provider.set(rotate=True)
        assert ask().json["total"] == 30
        # An identity token is no access token.
        assert Browser(address).get("/api/v1/patients",
                                    Authorization="Bearer x.y.z").status == 401


def access_token(provider, scope="eds.read"):
    body = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope,
                                   "resource": "https://eds.example"}).encode()
    who = urllib.parse.quote_plus("lab") + ":" + urllib.parse.quote_plus("s3cret: with/odd+signs%")
    request = urllib.request.Request(provider.issuer + "/token", data=body, headers={
        "Authorization": "Basic " + base64.b64encode(who.encode()).decode()})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())["access_token"]


def test_settings_that_cannot_work_or_are_not_safe_are_refused_at_the_start(eds):
    def refusal(*lines, environment=None):
        path = eds.warehouse / "eds.toml"
        before = path.read_text()
        set_config(eds, *lines)
        done = subprocess.run([eds_path(), "--warehouse", eds.warehouse, "serve", "--port", "0"],
                              capture_output=True, text=True, timeout=60,
                              env=os.environ | (environment or {}))
        path.write_text(before)
        assert done.returncode == 2, done
        return done.stderr

    issuer, url = 'sign_in.issuer = "http://localhost:9"', 'serve.public_url = "http://localhost:80"'
    client, file = 'sign_in.client = "eds"', 'sign_in.client_secret_file = "s"'
    assert "sign_in.client (people)" in refusal(issuer)
    assert "need sign_in.issuer" in refusal(client)
    assert "serve.public_url" in refusal(issuer, client, environment={"EDS_CLIENT_SECRET": "x"})
    assert "needs a secret" in refusal(issuer, client, url)
    (eds.warehouse / "s").write_text("secret\n")
    (eds.warehouse / "s").chmod(0o640)
    assert "chmod 600" in refusal(issuer, client, url, file)
    (eds.warehouse / "s").chmod(0o600)
    (eds.warehouse / "s").write_text("\n")
    assert "is empty" in refusal(issuer, client, url, file)
    assert "https" in refusal('sign_in.issuer = "http://sign-in.example"', client, url)
    assert "provider_authority" in refusal(issuer, client, url, 'sign_in.provider_authority = "s"')


def test_without_local_accounts_no_password_opens_a_session(ward):
    set_config(ward, "sign_in.local_accounts = false")
    add_account(ward, "paul")
    with hospital(ward) as (address, provider, _):
        add_person(ward, provider, "anne")
        ways = Browser(address).get("/api/v1/sign-in").json
        assert ways["password"] is False and ways["provider"] == {"name": "CHU"}
        assert Browser(address).sign_in("paul").status == 401
        assert Visitor(address, provider).sign_in_there().status == 303


@pytest.mark.parametrize("authority, status", [("ca", 200), ("other", 503), (None, 503)])
def test_the_providers_certificate_is_signed_by_whom_we_trust(eds, tmp_path, authority, status):
    certificate(tmp_path, "ca", "/CN=authority")
    certificate(tmp_path, "other", "/CN=another")
    certificate(tmp_path, "there", "/CN=localhost", "ca")
    eds.run("synth", "--patients", 20, "--into", eds.warehouse)
    pair = (tmp_path / "there.pem", tmp_path / "there.key")
    trusted = {"provider_authority": f"{tmp_path}/{authority}.pem"} if authority else {}
    with hospital(eds, pair=pair, **trusted) as (address, provider, _):
        answer = Visitor(address, provider).ask("POST", "/api/v1/sign-in/provider", {})
        assert answer.status == status
    said = (eds.warehouse / "log" / "eds.log").read_text()
    assert ("whose-certificate-may-not-be-trusted" in said) == (status == 503)
