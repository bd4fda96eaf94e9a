"""What a user sees at a terminal: prompts, menus, the countdown, and Ctrl-C leaving everything as it was."""

import re

import certificates
import jwt
import pexpect
import pytest

from test_decode import CLAIMS, KEYS
from verification import DEFAULT_SCOPE, GRAPH


@pytest.fixture
def terminal(entratool):
    """Runs the command at a pseudo-terminal; what still runs at the end is ended by its handle."""
    started = []

    def run(*arguments: str, **variables: str) -> pexpect.spawn:
        child = pexpect.spawn(
            str(entratool.binary),
            list(arguments),
            env=entratool.environment | {"TERM": "xterm"} | variables,
            cwd=entratool.home,
            dimensions=(50, 160),
            encoding="utf-8",
            timeout=30,
        )
        started.append(child)
        return child

    yield run
    for child in started:
        child.close(force=True)


def test_a_profile_made_by_answering(entratool, emulator, terminal):
    child = terminal("config", "create", "--authority", emulator["authority"], "--ca-bundle", emulator["caBundle"])
    for prompt, answer in [
        ("name", "my-profile"),
        ("client id", emulator["clientId"]),
        ("tenant id", emulator["tenantId"]),
    ]:
        child.expect(re.compile(prompt, re.IGNORECASE))
        child.sendline(answer)
    child.expect(re.compile("method", re.IGNORECASE))
    child.send("\r")
    child.expect(re.compile("secret[^\n]*: ?$", re.IGNORECASE))
    child.sendline(emulator["clientSecret"])
    child.expect(re.compile("scope", re.IGNORECASE))
    child.expect_exact(DEFAULT_SCOPE)
    child.send("\r")
    child.expect(re.compile("flow", re.IGNORECASE))
    child.send("\r")
    everything = child.before + finish(child)
    assert "Profile 'my-profile' created successfully" in everything
    assert emulator["clientSecret"] not in everything
    assert entratool.succeed("get-token", "-p", "my-profile", "--silent").startswith("eyJ")


@pytest.mark.parametrize("typed, code", [(["p+ss wörd"], 0), (["a", "b", "p+ss wörd"], 0), (["a", "b", "c"], 1)])
def test_the_password_of_a_certificate(entratool, emulator, client_certificate, terminal, typed, code):
    file, _ = certificates.bundle(client_certificate, entratool.home, "pfx")
    options = {
        "name": "cert-profile",
        "client-id": emulator["certificateClientId"],
        "tenant-id": emulator["tenantId"],
        "authority": emulator["authority"],
        "ca-bundle": emulator["caBundle"],
        "certificate": str(file),
    }
    child = terminal("config", "create", *(word for name, value in options.items() for word in (f"--{name}", value)))
    for number, password in enumerate(typed):
        child.expect(re.compile("password[^\n]*: ?$", re.IGNORECASE))
        assert ("that is not the password" in child.before) is (number > 0)
        child.waitnoecho()
        child.sendline(password)
    said = finish(child, code)
    if code:
        assert f"wrong password for `{file}`" in said
        assert entratool.succeed("config", "list") == ""
        return
    assert "created successfully" in said
    # There is no second prompt, not even at a terminal.
    for _ in range(2):
        assert "✓" in finish(terminal("get-token", "-p", "cert-profile", "-f", "ClientCredentials", "--force"))


@pytest.mark.parametrize("choice", ["3", "Client Secret", "client secret"])
def test_the_menu_of_an_edit(entratool, emulator, terminal, choice):
    entratool.create_profile("my-profile", emulator, "ClientCredentials", secret="wrong")
    child = terminal("config", "edit", "-p", "my-profile")
    choose(child, choice)
    child.expect(re.compile("secret[^\n]*: ?$", re.IGNORECASE))
    child.sendline(emulator["clientSecret"])
    child.expect_exact("Client Secret: changed")
    choose(child, "q")
    assert "Profile 'my-profile' updated" in finish(child)
    assert entratool.succeed("get-token", "-p", "my-profile", "--silent").startswith("eyJ")


def test_a_choice_that_is_not_there(entratool, emulator, terminal):
    entratool.create_profile("my-profile", emulator, "ClientCredentials", secret="kept")
    child = terminal("config", "edit", "-p", "my-profile")
    choose(child, "scpoe")
    child.expect_exact("`scpoe` is not on the list; did you mean `Scope`?")
    child.expect_exact("Choice")
    child.send("\r")
    assert "Nothing changed" in finish(child)


@pytest.mark.parametrize("choice", ["2", "beta"])
def test_a_profile_is_picked(entratool, emulator, terminal, choice):
    for name in ["alpha", "beta"]:
        entratool.create_profile(name, emulator, "ClientCredentials", secret=emulator["clientSecret"])
    child = terminal("get-token")
    child.expect_exact("1. alpha")
    child.expect_exact("2. beta")
    child.expect_exact("Choice")
    child.sendline(choice)
    child.expect_exact("Authenticating with profile 'beta'...")
    child.expect(r"✓.* Token acquired successfully\r\n\r\neyJ[\w.-]+\r\n")
    finish(child)


def test_a_token_explained(entratool, terminal):
    child = terminal("discover", "-t", jwt.encode(CLAIMS["as Entra"], KEYS["HS256"], "HS256"))
    shown = finish(child).replace("\r\n", "\n")
    assert re.fullmatch(
        r"Token Information:\n"
        r"  Audience: https://graph\.microsoft\.com\n"
        r"  Issued: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n"
        r"  Expires: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n"
        r"  Time remaining: (\d\d minutes|1 hour)\n"
        r"  Scopes: User\.Read Mail\.Read\n"
        r"  Application ID: 6a1f0f0e-52b5-4f0c-8a53-0d9c1c7f2e10\n"
        r"  Tenant ID: 3f4d3c6a-8a1e-4b7e-9f2a-6d1c5b0e7a91\n",
        shown,
    ), shown


def test_a_terminal_is_no_token(terminal):
    for command in ["inspect", "discover"]:
        assert finish(terminal(command), 2)


def test_the_countdown_of_a_device_code(entratool, emulator, terminal):
    entratool.create_profile("iot-device", emulator, "DeviceCode", scope=f"{GRAPH}/User.Read")
    child = terminal("get-token", "-p", "iot-device")
    child.expect_exact("Waiting for authentication...")
    child.expect(r"\d+ (minutes|seconds)")
    child.expect(r"\d+ (minutes|seconds)")
    interrupt(child)
    no_lock_is_left(entratool, "iot-device")


def test_ctrl_c_while_a_browser_is_open(entratool, emulator, terminal):
    entratool.create_profile("user-app", emulator, "InteractiveBrowser", scope=f"{GRAPH}/User.Read")
    child = terminal("get-token", "-p", "user-app", BROWSER="true")
    child.expect_exact("Opening browser for authentication...")
    child.expect_exact("/authorize?")
    interrupt(child)
    no_lock_is_left(entratool, "user-app")


def test_ctrl_c_at_a_hidden_prompt(entratool, emulator, terminal):
    entratool.create_profile("my-profile", emulator, "ClientCredentials", secret="kept")
    before = (entratool.home / ".entratool/profiles.json").read_bytes()
    child = terminal("config", "edit", "-p", "my-profile")
    choose(child, "3")
    child.expect(re.compile("secret[^\n]*: ?$", re.IGNORECASE))
    child.waitnoecho()
    interrupt(child)
    assert (entratool.home / ".entratool/profiles.json").read_bytes() == before


@pytest.mark.parametrize(
    "arguments, variables, coloured",
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
        (("--color", "never"), {}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
    ],
)
def test_colour(terminal, arguments, variables, coloured):
    shown = finish(terminal("get-token", "-p", "missing", *arguments, **variables), 4)
    assert ("\x1b[" in shown) is coloured, shown


def choose(child, choice):
    """Reads the menu of an edit and types a number or a label."""
    child.expect_exact("What would you like to edit?")
    child.expect(r"3\. Client Secret[^\n]*\n")
    child.expect(r"Choice[^\n]*: ?$")
    child.sendline(choice)


def interrupt(child):
    """Ctrl-C ends the command with 130, and typing is shown again."""
    child.sendintr()
    finish(child, 130)
    assert child.getecho()


def finish(child, code=0):
    """What is still said until the end, which must be with `code`."""
    child.expect(pexpect.EOF)
    said = child.before
    child.wait()
    assert child.exitstatus == code, said
    return said


def no_lock_is_left(entratool, profile):
    """The next one does not wait: it fails at once because interactive sign-in is required."""
    assert entratool("get-token", "-p", profile, "--no-interaction", timeout=10).returncode == 5
