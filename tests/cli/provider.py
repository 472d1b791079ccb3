"""A real sign-in provider beside `eds serve`, and a person's browser that goes between the two."""

import contextlib
import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from subprocess import PIPE

import pytest

from eds_command import ROOT
from web_session import Browser, Stay, serving, set_config

SCRIPT = ROOT / "web" / "tests" / "provider" / "provider.mjs"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Provider:
    """npm oidc-provider in a process of its own, on an address that stays when it goes."""

    def __init__(self, back, certificate=None, key=None):
        if not shutil.which("node") or not (ROOT / "web/node_modules/oidc-provider").is_dir():
            pytest.skip("the sign-in provider of the tests is not installed: ./dev setup")
        self.port, self.back, self.process = free_port(), back, None
        self.pair = [certificate, key] if certificate else []
        self.issuer = f"{'https' if certificate else 'http'}://localhost:{self.port}"

    def start(self):
        self.process = subprocess.Popen(["node", SCRIPT, str(self.port), self.back, *self.pair],
                                        stdout=PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline() == "ready\n"
        return self

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def set(self, **settings):
        """What happens to the next people who come: see provider.mjs."""
        request = urllib.request.Request(self.issuer + "/control", method="POST",
                                         data=json.dumps(settings).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def arrived(self):
        with urllib.request.urlopen(self.issuer + "/control", timeout=30) as answer:
            return json.loads(answer.read())["arrived"]


class Visitor(Browser):
    """A browser with all its cookies, here and at the provider."""

    def __init__(self, address, provider):
        super().__init__(address)
        self.provider, self.jar, self.here = provider, CookieJar(), {}
        self.there = urllib.request.build_opener(
            Stay, urllib.request.HTTPCookieProcessor(self.jar))

    def keep(self, answer):
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.here[name] = value
            if not value:
                del self.here[name]
        self.cookie = "; ".join(f"{name}={value}" for name, value in self.here.items()) or None
        return answer

    def leave(self, path="/api/v1/sign-in/provider", page="/patients"):
        """Where EDS sends this browser."""
        answer = self.ask("POST", path, {"page": page})
        assert answer.status == 200, answer.body
        return answer.json["address"]

    def at_provider(self, address):
        """Follows the provider's pages, pressing its one button; where it sends us at the end."""
        method = "GET"
        for _ in range(8):
            request = urllib.request.Request(address, method=method,
                                             data=b"" if method == "POST" else None)
            try:
                with self.there.open(request, timeout=30) as answer:
                    assert "/interaction/" in address, answer.read()[:500]
                    method = "POST"
                    continue
            except urllib.error.HTTPError as error:
                assert error.code in (302, 303), (error.code, error.read()[:500])
                address = urllib.parse.urljoin(address, error.headers["Location"])
                method = "GET"
            if address.startswith(self.provider.back):
                return address
        raise AssertionError("the provider does not come to an end")

    def come_back(self, address):
        """The answer to the redirection that the provider ends with."""
        return self.get(address.removeprefix(self.address))

    def sign_in_there(self, page="/patients"):
        answer = self.come_back(self.at_provider(self.leave(page=page)))
        me = self.get("/api/v1/me")
        if me.status == 200:
            self.csrf = me.json["session"]["csrf"]
        return answer

    def refused_as(self, answer):
        """The reason that the page is told, once nobody turned out to be signed in."""
        assert answer.status == 303 and self.get("/api/v1/me").status == 401
        assert "eds_session" not in self.here and "eds_away" not in self.here
        where = urllib.parse.urlsplit(answer.headers["Location"])
        return dict(urllib.parse.parse_qsl(where.query))["sign-in"]


@contextlib.contextmanager
def hospital(eds, *options, started=True, tamper="", pair=(None, None), **settings):
    """`eds serve` with a provider: (address, provider, process)."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    provider = Provider(address + "/api/v1/sign-in/callback", *pair)
    secret = eds.warehouse / "client.secret"
    secret.touch(0o600)
    secret.write_text("s3cret: with/odd+signs%\n")
    given = {"issuer": provider.issuer, "client": "eds-web", "client_secret_file": "client.secret",
             "provider_name": "CHU", "strong_acr": "gold", "strong_amr": "mfa"} | settings
    set_config(eds, f'serve.public_url = "{address}"',
               *(f'sign_in.{name} = {json.dumps(value)}' for name, value in given.items()
                 if value is not None))
    if started or tamper:
        provider.start()
    if tamper:
        provider.set(tamper=tamper)
    try:
        with serving(eds, "--port", str(port), *options) as (bound, process):
            assert bound == address
            yield address, provider, process
    finally:
        provider.stop()
