"""Fixtures: the command in a throw-away home, the emulator, and oidc-provider, each stopped by its own handle."""

import os
import webbrowser
from pathlib import Path

import pytest

import certificates
import server
from command import Command
from browser_user import BrowserUser

# As `entratool emulator --help` documents them.
DEMO_APPLICATIONS = {
    "webClientId": "4e8d2c73-0b5f-4196-9ad4-c37f60e1b82a",
    "webClientSecret": "emu8Q~web/client+not=a&real%secret~",
    "certificateClientId": "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492",
}

WITNESS = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def witness():
    """The folder of this suite."""
    return WITNESS


@pytest.fixture(scope="session")
def binary():
    """The command under test, which `ENTRATOOL_BIN` may name."""
    path = Path(os.environ.get("ENTRATOOL_BIN", WITNESS.parent / "target/release/entratool"))
    assert path.is_file(), f"no command at {path}: run `cargo build --release -p entratool`"
    return path.resolve()


@pytest.fixture
def entratool(binary, tmp_path):
    """The command with a home folder of its own and next to no environment."""
    return Command(binary, tmp_path / "home")


@pytest.fixture(scope="session")
def emulator(binary, client_certificate, tmp_path_factory):
    """One running emulator: what `emulator start --json` says of itself. It knows the client's certificate."""
    home = tmp_path_factory.mktemp("emulator")
    options = ["--port", "0", "--json", "--register-certificate", client_certificate.certificate]
    with server.running([binary, "emulator", "start", *options], home) as ready:
        yield ready | DEMO_APPLICATIONS


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    """A throw-away authority and a server certificate for `localhost`."""
    return certificates.for_localhost(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def client_certificate(tmp_path_factory):
    """A key and certificate that an application proves itself with."""
    return certificates.for_client(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="session")
def provider(tls, client_certificate, tmp_path_factory):
    """One running oidc-provider: its addresses, identities, `caBundle` and `requests()`."""
    with server.provider(WITNESS, tls, client_certificate, tmp_path_factory.mktemp("provider")) as ready:
        yield ready


@pytest.fixture(scope="session")
def short_lived_provider(tls, client_certificate, tmp_path_factory):
    """One whose access tokens live for a minute: always too short to be used again."""
    folder = tmp_path_factory.mktemp("short-lived-provider")
    with server.provider(WITNESS, tls, client_certificate, folder, accessTokenLifetime=60) as ready:
        yield ready


@pytest.fixture
def user(tmp_path):
    """Makes a user who signs in at a browser: `user(username, password, …)`."""

    def arrive(username: str, password: str, **settings) -> BrowserUser:
        folder = tmp_path / f"user-{username}"
        return BrowserUser(WITNESS, folder, username, password, **settings)

    return arrive


@pytest.fixture
def python_browser():
    """Makes a user's browser the one that Python's `webbrowser` opens: `python_browser(someone)`."""

    def use(someone: BrowserUser) -> None:
        path = str(someone.browser)
        webbrowser.register(path, None, webbrowser.GenericBrowser(path), preferred=True)

    return use
