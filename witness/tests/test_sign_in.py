"""People sign in through the command: at oidc-provider and at the emulator, in a real browser where one is named."""

import re

import pytest

from server import free_port
from verification import GRAPH, claims

USER_READ = f"{GRAPH}/User.Read"
TOKEN = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+\n")


@pytest.fixture(params=["provider", "emulator"])
def server(request):
    """Either authority."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def someone(server, user):
    """The user who signs in."""
    return user(server["username"], server["password"])


def test_in_a_browser(entratool, server, someone):
    entratool.create_profile("personal-graph", server, "InteractiveBrowser", scope=USER_READ)
    result = entratool("get-token", "-p", "personal-graph", "-f", "InteractiveBrowser", BROWSER=str(someone.browser))
    check_token(server, result, "User.Read")
    assert "Opening browser for authentication...\n" in result.stderr
    assert "✓ Authentication successful\n✓ Token acquired\n\n" in result.stderr
    report = someone.report()
    assert re.search("close", report["text"], re.IGNORECASE), report
    assert report["address"].startswith("http://localhost:")


def test_with_an_authorization_code(entratool, server, someone):
    redirect = f"http://localhost:{free_port()}"
    entratool.create_profile(
        "web-backend",
        server | {"clientId": server["webClientId"]},
        "AuthorizationCode",
        secret=server["webClientSecret"],
        scope=USER_READ,
        redirect_uri=redirect,
    )
    result = entratool("get-token", "-p", "web-backend", "-f", "AuthorizationCode", BROWSER=str(someone.browser))
    check_token(server, result, "User.Read")
    order = ["Opening browser for authentication...", f"Redirect URI: {redirect}", "✓ Authorization code received", "✓ Token acquired\n\n"]
    places = [result.stderr.find(line) for line in order]
    assert -1 not in places and places == sorted(places), result.stderr
    someone.report()


def test_on_another_device(entratool, server, someone):
    entratool.create_profile("headless-server", server, "DeviceCode", scope=USER_READ)
    with entratool.start("get-token", "-p", "headless-server", "-f", "DeviceCode") as running:
        block = running.read_until("Waiting for authentication...\n")
        found = re.search(
            r"Device Code Authentication\n"
            r"To sign in, use a web browser to open:\n"
            r"  (https://\S+)\n"
            r"and enter the code: (\S+)\n"
            r"\n"
            r"Waiting for authentication...\n",
            block,
        )
        assert found, block
        address, code = found.groups()
        someone.visit(address, code)
        result = running.finish()
    check_token(server, result, "User.Read")
    assert "✓ Token acquired successfully\n" in result.stderr


def test_refresh_tokens_are_rotated(entratool, server, someone):
    first = sign_in(entratool, server, someone)
    second = entratool("refresh", "-p", "me")
    assert second.stderr == "Refreshing token for profile 'me'...\n✓ Token refreshed successfully\n\n"
    check_token(server, second, "User.Read")
    # An authority that revokes what was used before would refuse here, had the old token stayed in the cache.
    third = entratool.succeed("refresh", "-p", "me", "--silent")
    fourth = entratool.succeed("refresh", "-p", "me", "--silent")
    assert len({first, second.stdout, third, fourth}) == 4
    assert entratool.succeed("get-token", "-p", "me", "--silent") == fourth


def test_other_permissions_need_no_second_sign_in(entratool, server, someone):
    first = sign_in(entratool, server, someone, scope=f"{USER_READ} {GRAPH}/Mail.Read")
    narrower = entratool.succeed("get-token", "-p", "me", "--silent", "--no-interaction", "--scope", USER_READ)
    assert narrower == first


def test_a_user_who_cancels_gets_no_token(entratool, server, user):
    refusing = user(server["username"], server["password"], refuse=True)
    entratool.create_profile("me", server, "InteractiveBrowser", scope=USER_READ)
    result = entratool("get-token", "-p", "me", BROWSER=str(refusing.browser))
    assert result.returncode == 3, result.stderr
    assert result.stdout == ""
    refusing.report()
    assert entratool("get-token", "-p", "me", "--no-interaction").returncode == 5


def test_an_expired_token_is_renewed_by_one_request(entratool, short_lived_provider, user):
    server = short_lived_provider
    first = sign_in(entratool, server, user(server["username"], server["password"]))
    before = len(server["requests"]())
    renewed = entratool.succeed("get-token", "-p", "me", "--silent", "--no-interaction")
    assert renewed != first
    sent = server["requests"]()[before:]
    assert [request["form"]["grant_type"] for request in sent] == ["refresh_token"]


def sign_in(entratool, server, someone, scope=USER_READ):
    """Makes the profile `me` and signs in; gives standard output."""
    entratool.create_profile("me", server, "InteractiveBrowser", scope=scope)
    token = entratool.succeed("get-token", "-p", "me", "--silent", BROWSER=str(someone.browser))
    someone.report()
    return token


def check_token(server, result, permission):
    assert result.returncode == 0, result.stderr
    assert TOKEN.fullmatch(result.stdout), result.stdout
    found = claims(server, result.stdout.strip())
    assert found["upn"] == server["username"]
    assert permission in found["scp"].split()
