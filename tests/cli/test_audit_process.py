"""eds audit serve: the log in a process of its own, killed and stopped under load."""

import json
import os
import signal
import subprocess
import threading

import pytest

from eds_command import Eds, eds_path


def lines(eds):
    segments = sorted((eds.warehouse / "audit" / "log").glob("*.ndjson"))
    held = [line for each in segments for line in each.read_text(errors="replace").splitlines()]
    return [json.loads(line) for line in held if line.startswith("{") and line.endswith("}")]


class Server:
    def __init__(self, eds, **more):
        self.process = subprocess.Popen([eds_path(), "--warehouse", eds.warehouse, "audit", "serve"],
                                        stdout=subprocess.PIPE, text=True, **more)
        assert "audit listens on" in self.process.stdout.readline()

    def end(self, how):
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


@pytest.fixture
def house(eds, tmp_path):
    eds.run("synth", "--patients", 20, "--seed", 3, "--into", eds.warehouse)
    eds.socket = tmp_path / "a.sock"
    with open(eds.warehouse / "eds.toml", "a", encoding="utf-8") as file:
        file.write(f'\n[audit]\nsocket = "{eds.socket}"\n')
    settings = (eds.warehouse / "eds.toml").read_text().replace("[audit]\n# Where", "# Where", 1)
    (eds.warehouse / "eds.toml").write_text(settings)
    return eds


def test_events_go_through_the_socket_and_say_which_account_sent_them(house):
    server = Server(house)
    house.run("query", "SELECT person_id FROM person")
    assert server.end(signal.SIGTERM) == 0
    own = [line for line in lines(house) if line["action"] == "query"]
    assert [line["outcome"] for line in own] == ["begun", "done"]
    assert all(f"uid {os.getuid()}" in line["from"] for line in own)
    assert not house.socket.exists()
    assert [line["outcome"] for line in lines(house) if line["action"] == "audit serve"] == [
        "begun", "done"]


def test_without_its_process_nothing_is_shown(house):
    done = house.run("query", "SELECT 1", expect=3)
    assert done.stdout == "" and "eds audit serve" in done.stderr


def test_a_second_process_is_refused_and_the_place_of_a_dead_one_is_taken(house):
    first = Server(house)
    second = subprocess.run([eds_path(), "--warehouse", house.warehouse, "audit", "serve"],
                            capture_output=True, text=True, timeout=30)
    assert second.returncode == 3 and "runs already" in second.stderr
    first.end(signal.SIGKILL)
    third = Server(house)
    house.run("release", "list")
    assert "sound" in house.run("audit", "verify").stdout
    third.end(signal.SIGTERM)


def test_killing_the_process_loses_no_event_and_shows_no_byte_without_one(house):
    """Whatever was answered has its event, whenever the server is killed."""
    rounds = 40 if os.environ.get("EDS_LONG_TESTS") else 4
    for turn in range(rounds):
        server = Server(house)
        answered, stop = [], threading.Event()

        def ask(mine=turn, into=answered, until=stop):
            number = 0
            while not until.is_set():
                number += 1
                done = house.run("query", f"SELECT {mine * 1000 + number} AS mark", expect=None)
                into.append((done.stdout, done.returncode))
        workers = [threading.Thread(target=ask) for _ in range(3)]
        for each in workers:
            each.start()
        while len(answered) < 4 + turn % 5:
            stop.wait(0.02)
        server.end(signal.SIGKILL)
        stop.set()
        for each in workers:
            each.join()
        shown = sum(bool(stdout) for stdout, _ in answered)
        done = sum(code == 0 for _, code in answered)
        held = [line for line in lines(house) if line["action"] == "query"]
        begun = sum(line["outcome"] == "begun" for line in held)
        closed = sum(line["outcome"] == "done" for line in held)
        house.total = tuple(map(sum, zip(getattr(house, "total", (0, 0)), (shown, done))))
        assert begun >= house.total[0] > 0 and closed >= house.total[1]
    server = Server(house)
    assert "sound" in house.run("audit", "verify").stdout
    server.end(signal.SIGTERM)


def test_a_killed_client_leaves_the_process_and_the_log_sound(house):
    server = Server(house)
    for milliseconds in (1, 4, 8, 12, 20, 35):
        client = subprocess.Popen([eds_path(), "--warehouse", house.warehouse, "query",
                                   "SELECT person_id FROM person"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            client.wait(timeout=milliseconds / 1000)
        except subprocess.TimeoutExpired:
            client.kill()
            client.wait()
    assert "sound" in house.run("audit", "verify").stdout
    server.end(signal.SIGTERM)


@pytest.mark.skipif(os.getuid() != 0, reason="NOT TESTED: needs root to use other accounts")
def test_under_accounts_of_their_own_data_and_audit_cannot_open_each_other(house, tmp_path):
    own = tmp_path / "own"
    (house.warehouse / "audit").rename(own)
    (house.warehouse / "keys" / "audit.key").rename(own / "audit.key")
    settings = house.warehouse / "eds.toml"
    settings.write_text(settings.read_text() + f'directory = "{own}"\n')
    place = tmp_path / "run"
    place.mkdir()
    settings.write_text(settings.read_text().replace(str(house.socket), str(place / "a.sock")))
    audit_uid, data_uid, group = 64001, 64002, 64000
    for parent in [tmp_path, *tmp_path.parents]:
        if parent.stat().st_uid == os.getuid() and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    for path in [own, *own.rglob("*"), place]:
        os.chown(path, audit_uid, group)
    for path in [house.warehouse, *house.warehouse.rglob("*")]:
        os.chown(path, data_uid, group)
    house.warehouse.chmod(0o750)
    place.chmod(0o2750)
    settings.chmod(0o640)
    (house.warehouse / "catalogue.db").chmod(0o640)

    def account(uid):
        return {"user": uid, "group": group, "extra_groups": []}
    server = Server(house, **account(audit_uid))

    def eds(uid, *args):
        return subprocess.run([eds_path(), "--warehouse", house.warehouse, *args], text=True,
                              capture_output=True, timeout=60, **account(uid))
    done = eds(data_uid, "query", "SELECT count(*) AS n FROM person")
    assert done.returncode == 0, done.stderr
    for verb in ("search", "verify"):   # The data's account has neither the log nor its key.
        refused = eds(data_uid, "audit", verb)
        assert refused.returncode in (2, 3) and refused.stdout == "", refused.stderr
    spy = subprocess.run(["cat", house.warehouse / "keys" / "identity.key"], capture_output=True,
                         **account(audit_uid))
    assert spy.returncode != 0
    server.end(signal.SIGTERM)
    held = "".join(path.read_text() for path in (own / "log").glob("*.ndjson"))
    assert f"uid {data_uid}" in held


def test_broken_frames_are_refused_and_harm_nobody(house):
    import socket
    server = Server(house)
    for frame in (b"", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x05\x00\x00\x00Exxxx",
                  b"\x01\x00\x00\x00Z", b"\x10\x00\x00\x00E"):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(10)
        peer.connect(str(house.socket))
        peer.sendall(frame)
        peer.shutdown(socket.SHUT_WR)
        answer = peer.recv(4096)
        assert not answer or answer[4] != 0   # Closed, or an error: never "durable".
        peer.close()
    house.run("release", "list")
    assert "sound" in house.run("audit", "verify").stdout
    server.end(signal.SIGTERM)
