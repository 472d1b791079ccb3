"""TLS at eds serve, and services that sign in by their certificate (IAM-1, IAM-7, WEB-5)."""

import socket
import ssl
import subprocess
import urllib.error

import pytest

from web_session import Browser, add_account, serving, set_config


def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


def certificate(folder, name, subject, authority=None, days="2"):
    """NAME.pem and NAME.key, signed by the authority or by itself."""
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
    (folder / "names.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    signer = (["-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial"]
              if authority else ["-signkey", f"{name}.key"])
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", "-days", days,
            *signer, *(["-extfile", "names.ext"] if authority else []))


@pytest.fixture
def secure(eds, tmp_path):
    certificate(tmp_path, "ca", "/CN=authority")
    certificate(tmp_path, "server", "/CN=localhost", "ca")
    certificate(tmp_path, "lab", "/O=CHU/CN=lab", "ca")
    certificate(tmp_path, "stranger", "/O=CHU/CN=stranger", "ca")
    certificate(tmp_path, "forged", "/O=CHU/CN=lab")
    eds.run("synth", "--patients", 30, "--into", eds.warehouse)
    set_config(eds, f'serve.certificate = "{tmp_path}/server.pem"',
               f'serve.key = "{tmp_path}/server.key"',
               f'serve.client_authority = "{tmp_path}/ca.pem"')
    add_account(eds, "anne")
    eds.run("user", "add", "lab", "--subject", "mtls|CN=lab,O=CHU")
    eds.run("--ground", "mandate", "access", "grant", "lab", "researcher", "*")
    with serving(eds) as (address, _):
        yield address, tmp_path


def trusting(folder, client=None):
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    if client:
        context.load_cert_chain(folder / f"{client}.pem", folder / f"{client}.key")
    return context


def test_people_sign_in_over_tls_with_a_cookie_of_this_host_alone(secure):
    address, folder = secure
    browser = Browser(address, trusting(folder))
    answer = browser.sign_in("anne")
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-eds=") and "; Secure" in cookie and "Domain" not in cookie
    assert browser.get("/api/v1/patients").json["total"] == 30
    assert "max-age=31536000" in browser.get("/").headers["Strict-Transport-Security"]
    # The cookie of plain HTTP is none here.
    browser.cookie = browser.cookie.replace("__Host-eds", "eds_session")
    assert browser.get("/api/v1/patients").status == 401


def handshake(address, low, high, ciphers=None):
    host, port = address.removeprefix("https://").split(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version, context.maximum_version = low, high
    context.set_ciphers(ciphers or "ALL:@SECLEVEL=0")
    with socket.create_connection((host, int(port)), timeout=20) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secured:
            return secured.version(), secured.cipher()[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_is_1_2_or_later_with_forward_secrecy(secure):
    address, _ = secure
    versions = ssl.TLSVersion
    assert handshake(address, versions.TLSv1_3, versions.TLSv1_3)[0] == "TLSv1.3"
    assert handshake(address, versions.TLSv1_2, versions.TLSv1_2)[0] == "TLSv1.2"
    for old in (versions.TLSv1, versions.TLSv1_1):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            handshake(address, old, old)
    for weak in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES256-GCM-SHA384"):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            handshake(address, versions.TLSv1_2, versions.TLSv1_2, weak + ":@SECLEVEL=0")


def test_plain_http_to_the_secured_port_gets_nothing(secure):
    address, _ = secure
    host, port = address.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as plain:
        plain.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in plain.recv(1000)


def test_a_service_is_the_account_its_certificate_names(secure):
    address, folder = secure
    lab = Browser(address, trusting(folder, "lab"))
    me = lab.get("/api/v1/me").json
    assert me["user"]["name"] == "lab" and me["session"] is None
    assert lab.get("/api/v1/patients").json["total"] == 30
    # One factor, and no person: nothing nominative, no identity.
    assert not any(note["text"] for note in lab.get(
        "/api/v1/patients/" + lab.get("/api/v1/patients").json["patients"][0]["person_id"]
    ).json["notes"])
    assert lab.ask("POST", "/api/v1/patients/1/identity", {"reason": "care"}).status == 403
    assert Browser(address, trusting(folder, "stranger")).get("/api/v1/patients").status == 401
    assert Browser(address, trusting(folder)).get("/api/v1/patients").status == 401
    with pytest.raises((urllib.error.URLError, ssl.SSLError, ConnectionError)):
        Browser(address, trusting(folder, "forged")).get("/api/v1/patients")


def test_a_certificate_without_its_key_or_of_another_key_does_not_serve(eds, tmp_path):
    eds.run("synth", "--patients", 20, "--into", eds.warehouse)
    certificate(tmp_path, "one", "/CN=one")
    certificate(tmp_path, "two", "/CN=two")
    set_config(eds, f'serve.certificate = "{tmp_path}/one.pem"')
    assert "go together" in eds.run("serve", "--port", "0", expect=2).stderr
    set_config(eds, f'serve.key = "{tmp_path}/two.key"')
    assert "serve.key" in eds.run("serve", "--port", "0", expect=2).stderr
