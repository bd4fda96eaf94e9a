"""Profiles with their secrets under a passphrase: jwcrypto opens what the command writes, and writes what it reads."""

import json

import pytest
from jwcrypto import jwa, jwe, jwk

PASSPHRASE = "correct horse bättery staple"
PARTS = ["protected", "encrypted_key", "iv", "ciphertext", "tag"]


@pytest.fixture
def exported(entratool, emulator):
    """A profile with its secret, and the file that holds both."""
    entratool.create_profile("graph-sp", emulator, "ClientCredentials", secret=emulator["clientSecret"])
    file = entratool.home / "sealed.json"
    export = ("config", "export", "--include-secrets", "-p", "graph-sp", "-o", file)
    entratool.succeed(*export, ENTRATOOL_EXPORT_PASSPHRASE=PASSPHRASE)
    entratool.succeed("config", "delete", "graph-sp", "--force")
    return file


def test_jwcrypto_opens_an_export(exported, emulator, monkeypatch):
    # As installed, it refuses the iterations that OWASP recommends.
    monkeypatch.setattr(jwa, "default_max_pbkdf2_iterations", 1_000_000)
    opened = jwe.JWE()
    opened.deserialize(exported.read_text(), key=jwk.JWK.from_password(PASSPHRASE))
    assert opened.jose_header["alg"] == "PBES2-HS512+A256KW"
    assert opened.jose_header["enc"] == "A256GCM"
    assert opened.jose_header["cty"] == "json"
    assert opened.jose_header["p2c"] >= 210_000
    (profile,) = json.loads(opened.payload)["profiles"]
    assert profile["name"] == "graph-sp"
    assert profile["clientSecret"] == emulator["clientSecret"]


def test_jwcrypto_sees_another_passphrase(exported, monkeypatch):
    monkeypatch.setattr(jwa, "default_max_pbkdf2_iterations", 1_000_000)
    with pytest.raises(jwe.InvalidJWEData):
        jwe.JWE().deserialize(exported.read_text(), key=jwk.JWK.from_password("another"))


def test_an_export_comes_back_and_its_secret_works(entratool, exported):
    entratool.succeed("config", "import", "-f", exported, stdin=f"{PASSPHRASE}\n")
    assert entratool.succeed("get-token", "-p", "graph-sp", "--silent").startswith("eyJ")


@pytest.mark.parametrize("compact", [True, False], ids=["compact", "JSON"])
@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
@pytest.mark.parametrize("alg", ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"])
def test_what_jwcrypto_writes_comes_in_and_its_secret_works(entratool, emulator, alg, enc, compact):
    profile = {
        "name": "from-python",
        "clientId": emulator["clientId"],
        "tenantId": emulator["tenantId"],
        "authority": emulator["authority"],
        "caBundle": emulator["caBundle"],
        "useClientSecret": True,
        "clientSecret": emulator["clientSecret"],
    }
    written = sealed(json.dumps({"profiles": [profile]}), {"alg": alg, "enc": enc})
    file = entratool.home / "from-python"
    file.write_text(written.serialize(compact=compact))
    imported = entratool("config", "import", "-f", file, stdin=f"{PASSPHRASE}\n")
    assert imported.returncode == 0, imported.stderr
    assert "no client secret" not in imported.stderr
    assert emulator["clientSecret"] not in (entratool.home / ".entratool/profiles.json").read_text()
    assert entratool.succeed("get-token", "-p", "from-python", "--silent").startswith("eyJ")


@pytest.mark.parametrize(
    "header, problem",
    [
        ({"alg": "PBES2-HS256+A128KW", "enc": "A128CBC-HS256"}, "its `enc` is `A128CBC-HS256`"),
        ({"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "zip": "DEF"}, "it is compressed"),
        ({"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 999}, "it asks for 999 iterations"),
    ],
)
def test_what_is_not_supported_is_said(entratool, header, problem):
    file = entratool.home / "from-python"
    file.write_text(sealed("{}", header).serialize(compact=True))
    refused = entratool("config", "import", "-f", file)
    assert refused.returncode == 1
    assert problem in refused.stderr
    assert not (entratool.home / ".entratool").exists()


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_another_export_is_noticed(entratool, exported, part):
    """Two exports under one passphrase are no box of bricks."""
    other = sealed(json.dumps({"profiles": []}), {"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2c": 1000})
    other = json.loads(other.serialize()) | {"iv": "AAAAAAAAAAAAAAAA"}
    mixed = json.loads(exported.read_text())
    assert list(mixed) == PARTS
    exported.write_text(json.dumps(mixed | {part: other[part]}))
    refused = entratool("config", "import", "-f", exported, stdin=f"{PASSPHRASE}\n")
    assert refused.returncode == 1, refused.stderr
    assert "cannot be imported" in refused.stderr
    assert entratool.succeed("config", "list") == ""


def sealed(text, header):
    """`text` encrypted by jwcrypto, with its own choice of what `header` leaves open."""
    return jwe.JWE(text.encode(), json.dumps(header), recipient=jwk.JWK.from_password(PASSPHRASE))
