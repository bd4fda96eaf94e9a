"""Microsoft's own clients, unmodified, sign a user in at the emulator in every way they know, and refresh."""

import json
import subprocess

import pytest
from azure.identity import DeviceCodeCredential, InteractiveBrowserCredential

from command import environment
from server import Callback
from verification import GRAPH, claims, public_application, service

USER_READ = f"{GRAPH}/User.Read"
MAIL_READ = f"{GRAPH}/Mail.Read"


@pytest.fixture
def someone(emulator, user):
    """The demo user, in Chromium."""
    return user(emulator["username"], emulator["password"])


@pytest.fixture
def browser(someone, python_browser):
    """The same user where Python's `webbrowser` looks."""
    python_browser(someone)
    return someone


def test_msal_for_python_in_a_browser(emulator, browser):
    application = public_application(emulator)
    check(emulator, application.acquire_token_interactive([USER_READ], timeout=60))
    browser.report()
    check_refresh(emulator, application)


def test_msal_for_python_on_another_device(emulator, someone):
    application = public_application(emulator)
    flow = application.initiate_device_flow([USER_READ])
    assert flow["interval"] == 5
    assert flow["user_code"] in flow["message"]
    someone.visit(flow["verification_uri"], flow["user_code"])
    check(emulator, application.acquire_token_by_device_flow(flow))
    check_refresh(emulator, application)


def test_msal_for_python_as_a_web_application(emulator, someone):
    application = service(emulator, emulator["webClientSecret"], "webClientId")
    with Callback() as callback:
        flow = application.initiate_auth_code_flow([USER_READ], callback.uri, response_mode="query")
        someone.open(flow["auth_uri"])
        answer = callback.answer()
    someone.report()
    check(emulator, application.acquire_token_by_auth_code_flow(flow, answer))
    check_refresh(emulator, application)


def test_azure_identity_in_a_browser(emulator, browser):
    credential = InteractiveBrowserCredential(client_id=emulator["publicClientId"], **options(emulator))
    check_credential(emulator, credential)
    browser.report()


def test_azure_identity_on_another_device(emulator, someone):
    def prompt(address, code, _):
        someone.visit(address, code)

    credential = DeviceCodeCredential(emulator["publicClientId"], prompt_callback=prompt, **options(emulator))
    check_credential(emulator, credential)


@pytest.mark.parametrize("flow", ["browser", "device"])
def test_msal_for_node(emulator, someone, witness, tmp_path, flow):
    result = subprocess.run(
        ["node", witness / "clients/user.mjs", flow, json.dumps(emulator), someone.browser],
        env=environment(tmp_path, NODE_EXTRA_CA_CERTS=emulator["caBundle"]),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    someone.report()
    first, second = result.stdout.split()
    assert first != second
    for token in (first, second):
        assert claims(emulator, token)["upn"] == emulator["username"]


def options(emulator):
    return {
        "authority": emulator["authority"],
        "tenant_id": emulator["tenantId"],
        "disable_instance_discovery": True,
        "connection_verify": emulator["caBundle"],
    }


def check(emulator, result):
    assert result.get("token_type") == "Bearer", result
    found = claims(emulator, result["access_token"])
    assert found["upn"] == emulator["username"]
    assert "User.Read" in found["scp"].split()


def check_refresh(emulator, application):
    account = application.get_accounts()[0]
    assert account["username"] == emulator["username"]
    first = application.acquire_token_silent_with_error([USER_READ], account)
    forced = application.acquire_token_silent_with_error([USER_READ], account, force_refresh=True)
    check(emulator, forced)
    assert forced["access_token"] != first["access_token"]
    other = application.acquire_token_silent_with_error([MAIL_READ], account)
    assert "Mail.Read" in claims(emulator, other["access_token"])["scp"].split()


def check_credential(emulator, credential):
    first = credential.get_token(USER_READ).token
    assert claims(emulator, first)["upn"] == emulator["username"]
    # Other permissions come by refresh token, without a prompt.
    assert "Mail.Read" in claims(emulator, credential.get_token(MAIL_READ).token)["scp"].split()
