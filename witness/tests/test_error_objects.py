"""Errors with `--json` are what the schema in the book says, to a validator by other people."""

import json

import pytest
from jsonschema import Draft202012Validator

from server import free_port


@pytest.fixture(scope="module")
def schema(witness):
    """The schema, which has to be one."""
    schema = json.loads((witness.parent / "docs/error.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return schema


@pytest.fixture
def error(entratool, schema):
    """Runs a command line that fails; gives the exit code and what it says."""

    def run(*arguments, **variables):
        result = entratool(*arguments, "--json", **variables)
        assert result.stdout == ""
        found = json.loads(result.stderr.splitlines()[-1])
        Draft202012Validator(schema).validate(found)
        return result.returncode, found["error"]

    return run


def test_refusals(entratool, emulator, error):
    """A refusal has everything that Microsoft's support needs."""
    entratool.create_profile("app", emulator, "ClientCredentials", secret="wrong")
    exit_code, refused = error("get-token", "-p", "app")
    assert (exit_code, refused["kind"], refused["aadsts"]) == (3, "refused", "AADSTS7000215")
    assert {"hint", "correlationId", "traceId", "timestamp"} <= refused.keys()


def test_everything_else(entratool, emulator, error, tmp_path):
    """Other errors hold what they have."""
    entratool.create_profile("app", emulator, "ClientCredentials", secret=emulator["clientSecret"])
    entratool.create_profile("user", emulator, "DeviceCode", scope="User.Read")
    gone = emulator | {"authority": f"https://localhost:{free_port()}"}
    entratool.create_profile("gone", gone, "ClientCredentials", secret="x")
    (tmp_path / "app.pfx").write_text("precious")
    for arguments, want in {
        ("get-token", "-p", "ap"): (4, "profileNotFound"),
        ("get-token", "--nonsense"): (2, "usage"),
        ("get-token", "-p", "app", "--scope", "User.Read"): (2, "usage"),
        ("get-token", "-p", "gone", "--timeout", "2s"): (6, "network"),
        ("get-token", "-p", "user", "--no-interaction"): (5, "signInRequired"),
        ("refresh", "-p", "user"): (5, "signInRequired"),
        ("discover", "-p", "app"): (1, "noCachedToken"),
        ("discover", "-t", "nonsense"): (1, "invalidToken"),
        ("discover", "-f", "/nowhere"): (1, "io"),
        ("certificate", "show", "/nowhere.pfx"): (1, "certificate"),
        ("certificate", "create", "-o", tmp_path / "app"): (1, "fileExists"),
        ("explain", "nothing"): (2, "usage"),
    }.items():
        exit_code, found = error(*arguments)
        assert (exit_code, found["kind"]) == want, arguments
    (entratool.home / ".entratool/profiles.json").write_text("{")
    assert error("config", "list")[1]["kind"] == "profiles"


def test_other_objects_are_not_errors(schema):
    """The schema refuses something, too."""
    validator = Draft202012Validator(schema)
    good = {"error": {"kind": "refused", "message": "no", "aadsts": "AADSTS50011"}}
    assert validator.is_valid(good)
    for wrong in ({"kind": "other"}, {"message": ""}, {"aadsts": 50011}, {"aadsts": "50011"}, {"token": "x"}):
        assert not validator.is_valid({"error": good["error"] | wrong}), wrong
    assert not validator.is_valid({"error": {"kind": "refused"}})
    assert not validator.is_valid({})
