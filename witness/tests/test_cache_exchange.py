"""Sign-ins change hands in MSAL's JSON: what the command exports, MSAL goes on with, and the other way round."""

import json
import re
import subprocess
from pathlib import Path

import msal
import pytest
from command import environment
from server import control, token_requests
from verification import DEFAULT_SCOPE, GRAPH, claims, tenant

USER_READ = f"{GRAPH}/User.Read"


class Python:
    """MSAL for Python with its cache in a file."""

    def __init__(self, server: dict, file: Path):
        self.server = server
        self.file = file

    def sign_in(self) -> str:
        return self._with_cache(self._sign_in)

    def silent(self) -> str:
        return self._with_cache(lambda cache: self._silently(cache, force_refresh=False))

    def refresh(self) -> str:
        return self._with_cache(lambda cache: self._silently(cache, force_refresh=True))

    def application(self) -> str:
        return self._with_cache(self._application)

    def _sign_in(self, cache):
        application = self._public_client(cache)
        flow = application.initiate_device_flow([USER_READ])
        approve(self.server, flow["user_code"])
        return application.acquire_token_by_device_flow(flow)

    def _silently(self, cache, force_refresh):
        application = self._public_client(cache)
        [account] = application.get_accounts()
        assert account["username"] == self.server["username"]
        return application.acquire_token_silent([USER_READ], account, force_refresh=force_refresh)

    def _application(self, cache):
        service = msal.ConfidentialClientApplication(
            self.server["clientId"], client_credential=self.server["clientSecret"], **self._place(cache)
        )
        return service.acquire_token_for_client([DEFAULT_SCOPE])

    def _public_client(self, cache):
        return msal.PublicClientApplication(self.server["publicClientId"], **self._place(cache))

    def _place(self, cache):
        bundle = self.server["caBundle"]
        return {"authority": tenant(self.server), "instance_discovery": False, "verify": bundle, "token_cache": cache}

    def _with_cache(self, job) -> str:
        cache = msal.SerializableTokenCache()
        if self.file.exists():
            cache.deserialize(self.file.read_text())
        result = job(cache)
        assert result and "access_token" in result, result
        self.file.write_text(cache.serialize())
        return result["access_token"]


class Node:
    """@azure/msal-node with its cache in a file."""

    def __init__(self, server: dict, file: Path, witness: Path):
        self.server = server
        self.file = file
        self.script = witness / "clients/cache.mjs"

    def sign_in(self) -> str:
        return self._run("sign-in")

    def silent(self) -> str:
        return self._run("silent")

    def refresh(self) -> str:
        return self._run("refresh")

    def application(self) -> str:
        return self._run("application")

    def _run(self, job: str) -> str:
        result = subprocess.run(
            ["node", self.script, job, json.dumps(self.server), self.file],
            env=environment(self.file.parent, NODE_EXTRA_CA_CERTS=self.server["caBundle"]),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()


@pytest.fixture(params=["python", "node"])
def client(request, emulator, witness, tmp_path):
    """Either MSAL, with an empty cache."""
    file = tmp_path / "msal.json"
    return Python(emulator, file) if request.param == "python" else Node(emulator, file, witness)


@pytest.fixture
def me(entratool, emulator):
    """The command with a profile for a user who has not signed in."""
    entratool.create_profile("me", emulator, "DeviceCode", scope=USER_READ)
    return entratool


@pytest.fixture(params=["an ID", "a domain"])
def service(request, entratool, emulator):
    """The command with a profile for an application, which names its tenant in either way."""
    named = {"tenant_id": "contoso.example"} if request.param == "a domain" else {}
    entratool.create_profile("service", emulator, "ClientCredentials", secret=emulator["clientSecret"], **named)
    return entratool


def test_msal_goes_on_with_a_sign_in(me, emulator, client):
    first = sign_in(me, emulator)
    warned = me("cache", "export", "-p", "me", "--msal", client.file)
    assert warned.returncode == 0 and "plain text" in warned.stderr
    assert client.file.stat().st_mode & 0o777 == 0o600
    with requests(emulator) as sent:
        assert client.silent() == first
        assert sent() == []
        second = client.refresh()
        assert sent() == ["refresh_token"]
    check_user_token(emulator, second)
    assert second != first


def test_a_sign_in_of_msal_is_gone_on_with(me, emulator, client):
    first = client.sign_in()
    imported = me("cache", "import", "-p", "me", "--msal", client.file)
    assert imported.returncode == 0 and f"Signed in: {emulator['username']}" in imported.stderr, imported.stderr
    with requests(emulator) as sent:
        assert silently(me) == first
        assert sent() == []
        second = me.succeed("refresh", "-p", "me", "--silent").strip()
        assert sent() == ["refresh_token"]
    check_user_token(emulator, second)
    assert second != first
    assert silently(me) == second


def test_a_sign_in_goes_there_and_back(me, emulator, client):
    sign_in(me, emulator)
    me.succeed("cache", "export", "-p", "me", "--msal", client.file)
    theirs = client.refresh()
    me.succeed("cache", "import", "-p", "me", "--msal", client.file)
    with requests(emulator) as sent:
        assert silently(me) == theirs
        assert sent() == []
    ours = me.succeed("refresh", "-p", "me", "--silent").strip()
    me.succeed("cache", "export", "-p", "me", "--msal", client.file)
    with requests(emulator) as sent:
        assert client.silent() == ours
        assert sent() == []


def test_msal_goes_on_with_the_token_of_an_application(service, emulator, client):
    first = service.succeed("get-token", "-p", "service", "--silent").strip()
    service.succeed("cache", "export", "-p", "service", "--msal", client.file)
    with requests(emulator) as sent:
        assert client.application() == first
        assert sent() == []


def test_the_token_of_an_application_is_gone_on_with(service, emulator, client):
    first = client.application()
    service.succeed("cache", "import", "-p", "service", "--msal", client.file)
    with requests(emulator) as sent:
        assert service.succeed("get-token", "-p", "service", "--silent").strip() == first
        assert sent() == []
        assert service.succeed("refresh", "-p", "service", "--silent").strip() != first
        assert sent() == ["client_credentials"]


class requests:
    """Which grants the emulator was asked for since this began, as a function."""

    def __init__(self, emulator: dict):
        self.emulator = emulator

    def __enter__(self):
        self.before = len(token_requests(self.emulator))
        return self._sent

    def __exit__(self, *_):
        pass

    def _sent(self) -> list[str]:
        return [form["grant_type"] for form in token_requests(self.emulator)[self.before :]]


def sign_in(entratool, emulator) -> str:
    """Signs the user in with a device code; returns the access token."""
    with entratool.start("get-token", "-p", "me") as running:
        block = running.read_until("Waiting for authentication...\n")
        approve(emulator, re.search(r"enter the code: (\S+)", block)[1])
        result = running.finish()
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def silently(entratool) -> str:
    return entratool.succeed("get-token", "-p", "me", "--silent", "--no-interaction").strip()


def approve(emulator, user_code):
    """Does what the user at the other device would."""
    control(emulator, "POST", "devices", {"userCode": user_code, "decision": {"approve": emulator["username"]}})


def check_user_token(emulator, token):
    found = claims(emulator, token)
    assert found["upn"] == emulator["username"]
    assert "User.Read" in found["scp"].split()
