"""`inspect` and `discover` read tokens as PyJWT and jq do, byte for byte where it matters."""

import base64
import json
import subprocess
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

NOW = int(time.time())

CLAIMS = {
    "as Entra": {
        "aud": "https://graph.microsoft.com",
        "iss": "https://sts.windows.net/3f4d3c6a-8a1e-4b7e-9f2a-6d1c5b0e7a91/",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 3600,
        "appid": "6a1f0f0e-52b5-4f0c-8a53-0d9c1c7f2e10",
        "scp": "User.Read Mail.Read",
        "tid": "3f4d3c6a-8a1e-4b7e-9f2a-6d1c5b0e7a91",
        "roles": [],
    },
    "no order but its own": {"z": 1, "a": 2, "m": {"y": [], "b": {}}, "exp": NOW + 60},
    "texts": {"name": "Zoë Ångström 李 🦀 \u202e\u0301", "escapes": "\"\\/\b\f\n\r\t\u0000\u001f", "empty": ""},
    "numbers": {"small": -1, "double": 2**53 + 1, "word": 2**64, "vast": 10**40, "float": 0.1, "one": 1.0, "huge": 1e300},
    "other values": {"yes": True, "no": False, "nothing": None, "list": [1, "a", [None]], "deep": {"er": {"est": 1}}},
    "nothing": {},
}

KEYS = {
    "HS256": b"a secret of the length that SHA-256 asks for",
    "RS256": rsa.generate_private_key(65537, 2048),
    "PS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}

JQ = '[split(".")[:2][] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson] | {header: .[0], payload: .[1]}'


@pytest.fixture(params=CLAIMS)
def token(request):
    return jwt.encode(CLAIMS[request.param], KEYS["RS256"], "RS256", {"kid": "ключ", "x5t": "abc"})


@pytest.mark.parametrize("algorithm", KEYS)
def test_every_algorithm_is_read(entratool, algorithm):
    token = jwt.encode(CLAIMS["as Entra"], KEYS[algorithm], algorithm)
    shown = json.loads(entratool.succeed("inspect", "-t", token))
    assert shown["header"] == jwt.get_unverified_header(token)
    assert shown["payload"] == jwt.decode(token, options={"verify_signature": False})


def test_pyjwt_agrees(entratool, token):
    shown = json.loads(entratool.succeed("inspect", "-t", token))
    assert list(shown) == ["header", "payload", "signature"]
    assert shown["header"] == jwt.get_unverified_header(token)
    assert shown["payload"] == jwt.decode(token, options={"verify_signature": False, "verify_exp": False})


def test_order_and_numbers_stay_as_they_are_written(entratool, token):
    header, payload, _ = token.split(".")
    shown = exact(entratool.succeed("inspect", "-t", token))
    assert shown[0] == ("header", exact(decode(header)))
    assert shown[1] == ("payload", exact(decode(payload)))


def test_jq_agrees(entratool, token):
    shown = jq("{header, payload}", entratool.succeed("inspect", "-t", token))
    assert shown == jq(JQ, token, "--raw-input")


def test_parts_alone(entratool, token):
    whole = json.loads(entratool.succeed("inspect", "-t", token))
    assert json.loads(entratool.succeed("inspect", "-t", token, "--claims")) == whole["payload"]
    assert json.loads(entratool.succeed("inspect", "-t", token, "--header")) == whole["header"]


def test_the_signature_is_shortened_unless_asked_for(entratool, token):
    signature = token.split(".")[2]
    short = json.loads(entratool.succeed("inspect", "-t", token))["signature"]
    assert len(short) < len(signature)
    assert signature.startswith(short.rstrip("."))
    assert json.loads(entratool.succeed("inspect", "-t", token, "--full"))["signature"] == signature


WRITTEN = {
    "alone": lambda token: token.encode(),
    "as bash writes it": lambda token: f"{token}\n".encode(),
    "CRLF": lambda token: f"{token}\r\n".encode(),
    "as a header value": lambda token: f"Bearer {token}\n".encode(),
    "quoted": lambda token: f'"{token}"\n'.encode(),
    "UTF-8 with a mark": lambda token: f"{token}\r\n".encode("utf-8-sig"),
    "as PowerShell writes it": lambda token: b"\xff\xfe" + f"{token}\r\n".encode("utf-16-le"),
    "UTF-16, big end first": lambda token: b"\xfe\xff" + f"{token}\n".encode("utf-16-be"),
}


@pytest.mark.parametrize("writing", WRITTEN)
def test_files_are_read_however_they_were_written(entratool, writing):
    token = jwt.encode(CLAIMS["as Entra"], KEYS["HS256"], "HS256")
    file = entratool.home / "token.txt"
    file.write_bytes(WRITTEN[writing](token))
    for command in ["inspect -f token.txt", "inspect < token.txt", "inspect - < token.txt", "cat token.txt | {} inspect"]:
        command = command if "{}" in command else f"{{}} {command}"
        result = entratool.bash(command.format("entratool"))
        assert result.returncode == 0, (command, result.stderr)
        assert json.loads(result.stdout)["payload"] == CLAIMS["as Entra"], command


@pytest.mark.parametrize("seconds, code", [(3600, 0), (-60, 1)])
def test_discover_agrees_with_pyjwt_and_the_clock(entratool, seconds, code):
    claims = CLAIMS["as Entra"] | {"exp": int(time.time()) + seconds}
    token = jwt.encode(claims, KEYS["ES256"], "ES256")
    result = entratool("discover", "-t", token)
    assert result.returncode == code, result.stderr
    shown = json.loads(result.stdout)
    assert {name: shown[name] for name in claims if name in shown} == {
        name: value for name, value in claims.items() if name in shown
    }
    assert shown["exp"] == claims["exp"]
    assert shown["valid"] is (code == 0)
    assert shown["expired"] is (code == 1)
    assert shown["expiresOn"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(claims["exp"]))
    assert abs(shown["expiresIn"] - seconds) < 60
    assert jq(".exp", result.stdout) == f"{claims['exp']}\n"


def exact(text):
    """JSON with its order, and its numbers as they are written."""
    return json.loads(text, object_pairs_hook=list, parse_int=lambda n: ("int", n), parse_float=lambda n: ("float", n))


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def jq(program, text, *options):
    command = ["jq", "--sort-keys", *options, program]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=30).stdout
