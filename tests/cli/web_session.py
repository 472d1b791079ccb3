"""`eds serve` under test, and a browser's way in: accounts, cookies, tokens of pages."""

import contextlib
import json
import re
import signal
import subprocess
import urllib.error
import urllib.request
from subprocess import PIPE

from eds_command import eds_path

PASSWORD = "a password of the tests"


def add_account(eds, name, role="clinician", perimeter="*", ground="care", password=PASSWORD):
    """A local account with one access."""
    eds.run("user", "add", name)
    eds.run("user", "password", name, stdin=password + "\n")
    if role:
        eds.run("--ground", ground, "access", "grant", name, role, perimeter)


def set_config(eds, *lines):
    """Settings of eds.toml: "section.key = value"; those the file shows as comments."""
    path = eds.warehouse / "eds.toml"
    text = path.read_text()
    for line in lines:
        section, rest = line.split(".", 1)
        head = text.index(f"[{section}]")
        key = rest.split(" ")[0]
        at = text.index(f"#{key} = ", head)
        end = text.index("\n", at)
        text = text[:at] + rest + text[end:]
    path.write_text(text)


@contextlib.contextmanager
def serving(eds, *options):
    """`eds serve` on a free port, or the one of the options: its address and its process."""
    port = [] if "--port" in options else ["--port", "0"]
    command = [eds_path(), "--warehouse", eds.warehouse, "serve", *port, *options]
    process = subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True)
    line = process.stdout.readline()
    found = re.search(r"https?://[0-9.:]+", line)
    assert found, process.stderr.read()
    try:
        yield found.group(0), process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are the test's to follow."""

    def redirect_request(self, *_):
        return None


class Browser:
    """Sends requests as a page of the server would, with its cookie and its token."""

    def __init__(self, address, context=None):
        self.address, self.cookie, self.csrf = address, None, None
        self.opener = urllib.request.build_opener(
            Stay, urllib.request.HTTPSHandler(context=context))

    def ask(self, method, path, body=None, headers=None):
        given = {"Content-Type": "application/json"} if method != "GET" else {}
        if self.cookie:
            given["Cookie"] = self.cookie
        if self.csrf and method != "GET":
            given["EDS-CSRF"] = self.csrf
        given.update(headers or {})
        given = {name: value for name, value in given.items() if value is not None}
        data = json.dumps(body if body is not None else {}).encode() if method != "GET" else None
        request = urllib.request.Request(self.address + path, method=method, data=data,
                                         headers=given)
        try:
            with self.opener.open(request, timeout=30) as answer:
                return self.keep(Answer(answer.status, answer.headers, answer.read()))
        except urllib.error.HTTPError as error:
            return self.keep(Answer(error.code, error.headers, error.read()))

    def keep(self, answer):
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            value = cookie.split(";")[0]
            if value.split("=")[0] in ("eds_session", "__Host-eds"):
                self.cookie = value if value.split("=")[1] else None
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def sign_in(self, name, password=PASSWORD):
        answer = self.ask("POST", "/api/v1/sign-in", {"name": name, "password": password})
        if answer.status == 200:
            self.csrf = answer.json["csrf"]
        return answer


def signed_in(address, name, password=PASSWORD):
    browser = Browser(address)
    answer = browser.sign_in(name, password)
    assert answer.status == 200, answer.body
    return browser
