"""`verify` and PyJWT come to the same verdict on tokens that PyJWT signed."""

import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from verification import tenant

TENANT = "3f4d3c6a-8a1e-4b7e-9f2a-6d1c5b0e7a91"
AUDIENCE = "api://witness"
NOW = int(time.time())

PUBLISHED = {"first": None, "second": None, "pss": "PS256"}
PRIVATE = {name: rsa.generate_private_key(65537, 2048) for name in [*PUBLISHED, "withdrawn"]}


def key_set():
    """The public keys, as a keys endpoint of Entra ID has them: without `alg`, but for the one of PS256."""

    def public(name, algorithm):
        key = json.loads(RSAAlgorithm.to_jwk(PRIVATE[name].public_key()))
        key = {member: key[member] for member in ["kty", "n", "e"]} | {"kid": name, "use": "sig"}
        return key | ({"alg": algorithm} if algorithm else {})

    return {"keys": [public(name, algorithm) for name, algorithm in PUBLISHED.items()]}


class Handler(BaseHTTPRequestHandler):
    """Serves the key set where Entra ID does, and nothing else."""

    def do_GET(self):
        known = self.path.split("?")[0] == f"/{TENANT}/discovery/v2.0/keys"
        body = json.dumps(key_set() if known else {}).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def publisher(tls):
    """A server of the key set: `authority`, `tenantId` and `caBundle`."""
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(tls.certificate, tls.key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = trust.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        authority = f"https://localhost:{server.server_port}"
        yield {"authority": authority, "tenantId": TENANT, "caBundle": str(tls.authority)}
        server.shutdown()
        thread.join()


def sign(publisher, name="first", algorithm="RS256", key=None, **claims):
    """A token as the publisher's tenant would issue it, but for what the arguments change."""
    payload = {
        "aud": AUDIENCE,
        "iss": f"{tenant(publisher)}/v2.0",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 3600,
        "tid": TENANT,
        "ver": "2.0",
    }
    return jwt.encode(payload | claims, PRIVATE[name] if key is None else key, algorithm, {"kid": name})


def changed(token):
    header, payload, signature = token.split(".")
    return ".".join([header, payload, signature[:10][::-1] + signature[10:]])


TOKENS = {
    "good": (True, lambda p: sign(p)),
    "another key": (True, lambda p: sign(p, "second")),
    "PS256": (True, lambda p: sign(p, "pss", "PS256")),
    "RS256 by a key for PS256": (False, lambda p: sign(p, "pss")),
    "a key that is not published": (False, lambda p: sign(p, "withdrawn")),
    "signed by another key than it names": (False, lambda p: sign(p, key=PRIVATE["second"])),
    "changed": (False, lambda p: changed(sign(p))),
    "not signed": (False, lambda p: sign(p, algorithm="none", key="")),
    "HS256": (False, lambda p: sign(p, algorithm="HS256", key="a secret of the length that SHA-256 asks for")),
    "expired": (False, lambda p: sign(p, exp=NOW - 3600)),
    "not yet valid": (False, lambda p: sign(p, nbf=NOW + 3600)),
    "for another API": (False, lambda p: sign(p, aud="api://other")),
    "for several": (True, lambda p: sign(p, aud=["api://other", AUDIENCE])),
    "by another issuer": (False, lambda p: sign(p, iss=f"https://evil.example/{TENANT}/v2.0")),
}


@pytest.mark.parametrize("kind", TOKENS)
def test_pyjwt_agrees(entratool, publisher, kind):
    valid, make = TOKENS[kind]
    token = make(publisher)
    assert pyjwt_believes(publisher, token) is valid
    trust = ["--authority", publisher["authority"], "--ca-bundle", publisher["caBundle"]]
    result = entratool("verify", *trust, "--audience", AUDIENCE, stdin=token)
    assert result.returncode == (0 if valid else 1), result.stderr
    report = json.loads(result.stdout)
    assert report["valid"] is valid
    assert ("fail" in [check["status"] for check in report["checks"]]) is not valid


def pyjwt_believes(publisher, token):
    trust = ssl.create_default_context(cafile=publisher["caBundle"])
    keys = jwt.PyJWKClient(f"{tenant(publisher)}/discovery/v2.0/keys", ssl_context=trust)
    try:
        key = keys.get_signing_key_from_jwt(token)
        algorithms = ["PS256" if key.algorithm_name == "PS256" else "RS256"]
        jwt.decode(token, key, algorithms, audience=AUDIENCE, issuer=f"{tenant(publisher)}/v2.0")
    except jwt.PyJWTError:
        return False
    return True


def test_a_token_of_the_emulator_is_believed(entratool, emulator):
    entratool.create_profile("service", emulator, "ClientCredentials", secret=emulator["clientSecret"])
    entratool.succeed("get-token", "-p", "service", "--silent")
    assert json.loads(entratool.succeed("verify", "-p", "service"))["valid"] is True
