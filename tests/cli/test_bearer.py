"""Access tokens at eds serve, made with OpenSSL: who bears one, and what a bad one leaves (IAM-3)."""

import base64
import json
import subprocess
import time

from web_session import Browser, add_account, serving, set_config

ISSUER = "https://sign-in.example"


def coded(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def make_key(folder, name):
    """An Ed25519 key pair; answers its public half as a JSON Web Key."""
    key = folder / f"{name}.key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
                            check=True, capture_output=True).stdout[-32:]
    return {"kty": "OKP", "crv": "Ed25519", "kid": name, "x": coded(public), "alg": "EdDSA"}


def token(folder, name, **claims):
    now = int(time.time())
    body = {"iss": ISSUER, "sub": "lab-7", "aud": "eds", "iat": now, "exp": now + 300,
            "scope": "eds.read"} | claims
    signed = coded({"alg": "EdDSA", "kid": name, "typ": "at+jwt"}) + "." + coded(body)
    (folder / "signed").write_text(signed)
    signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey",
                                folder / f"{name}.key", "-in", folder / "signed"],
                               check=True, capture_output=True).stdout
    return signed + "." + coded(signature)


def test_a_program_reads_with_its_token_and_a_bad_one_is_nobodys(eds, tmp_path):
    eds.run("synth", "--patients", 30, "--into", eds.warehouse)
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [make_key(tmp_path, "one")]}))
    make_key(tmp_path, "two")
    set_config(eds, f'sign_in.issuer = "{ISSUER}"', 'sign_in.audience = "eds"',
               f'sign_in.issuer_keys = "{tmp_path}/keys.json"')
    eds.run("user", "add", "lab", "--subject", f"{ISSUER}|lab-7")
    eds.run("--ground", "mandate", "access", "grant", "lab", "researcher", "*")
    add_account(eds, "anne")
    good = token(tmp_path, "one")
    with serving(eds, "--identity") as (address, process):
        def ask(text, browser=None, path="/api/v1/patients"):
            return (browser or Browser(address)).get(path, Authorization="Bearer " + text)

        assert ask(good).json["total"] == 30
        assert ask(good, path="/api/v1/me").json["user"]["name"] == "lab"
        said = set()
        for bad in (token(tmp_path, "two"), token(tmp_path, "one", exp=int(time.time()) - 100),
                    token(tmp_path, "one", aud="other"), token(tmp_path, "one", sub="lab-8"),
                    token(tmp_path, "one", scope="profile"), good[:-4] + "AAAA", "zqxcanary",
                    token(tmp_path, "one", padding="x" * 25_000)):
            answer = ask(bad)
            assert answer.status == 401
            said.add(answer.body)
        assert len(said) == 1
        # A token beside a cookie, or under another scheme, is no way in.
        anne = Browser(address)
        assert anne.sign_in("anne").status == 200
        assert ask(good, anne).status == 401
        assert Browser(address).get("/api/v1/patients",
                                    Authorization="Basic " + good).status == 401
        # What asks for a person's fresh proof takes no token.
        answer = Browser(address).ask("POST", "/api/v1/patients/1/identity", {"reason": "care"},
                                      headers={"Authorization": "Bearer " + good})
        assert answer.status == 403
        eds.run("user", "disable", "lab")
        assert ask(good).status == 401
        process.terminate()
        noise = "".join(process.communicate(timeout=20))
    kept = noise + (eds.warehouse / "log" / "eds.log").read_text() + eds.run(
        "audit", "search", "bearer").stdout
    assert "bearer token refused" in kept and "not taken" in kept
    assert "zqxcanary" not in kept and good not in kept
