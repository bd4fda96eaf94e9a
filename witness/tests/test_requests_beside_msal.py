"""The requests of the command beside those of MSAL for Python, for the same jobs at the same authority, field by field."""

import re

import pytest

from verification import DEFAULT_SCOPE, GRAPH, public_application, service

USER_READ = f"{GRAPH}/User.Read"

# Fields that hold something new each time; both sides must send one.
FRESH = {"client_assertion", "code", "code_challenge", "code_verifier", "device_code", "nonce", "refresh_token", "state"}

# Why a field that one side sends is missing, or different, on the other; by job and field.
EXPLAINED = {
    ("device poll", "code"): "MSAL repeats the device code as `code` for a service of 2020; RFC 8628 has no such field",
    ("*", "redirect_uri"): "each listens on a port of its own",
}


@pytest.fixture
def log(provider):
    """Gives the requests made while a function runs."""

    def made_by(job, path):
        before = len(provider["requests"]())
        job()
        requests = [request for request in provider["requests"]()[before:] if request["path"].endswith(path)]
        assert requests, f"no request to {path}"
        return requests

    return made_by


def test_client_credentials_with_a_secret(entratool, provider, log):
    entratool.create_profile("service", provider, "ClientCredentials", secret=provider["clientSecret"])
    ours = log(lambda: entratool.succeed("get-token", "-p", "service"), "/token")
    application = service(provider, provider["clientSecret"])
    theirs = log(lambda: application.acquire_token_for_client([DEFAULT_SCOPE]), "/token")
    check("client credentials", ours[0]["form"], theirs[0]["form"])


def test_signing_in_at_a_browser(entratool, provider, user, log, python_browser):
    someone = user(provider["username"], provider["password"])
    entratool.create_profile("me", provider, "InteractiveBrowser", scope=USER_READ)
    before = len(provider["requests"]())
    entratool.succeed("get-token", "-p", "me", BROWSER=str(someone.browser))
    someone.report()
    ours = provider["requests"]()[before:]
    python_browser(someone)
    before = len(provider["requests"]())
    application = public_application(provider)
    application.acquire_token_interactive([USER_READ], timeout=60)
    someone.report()
    theirs = provider["requests"]()[before:]
    check("authorize", first(ours, "/authorize")["query"], first(theirs, "/authorize")["query"])
    check("code", first(ours, "/token")["form"], first(theirs, "/token")["form"])

    ours = log(lambda: entratool.succeed("refresh", "-p", "me"), "/token")
    account = application.get_accounts()[0]
    theirs = log(lambda: application.acquire_token_silent([USER_READ], account, force_refresh=True), "/token")
    check("refresh", ours[0]["form"], theirs[0]["form"])


def test_signing_in_on_another_device(entratool, provider, user):
    someone = user(provider["username"], provider["password"])
    entratool.create_profile("me", provider, "DeviceCode", scope=USER_READ)
    before = len(provider["requests"]())
    with entratool.start("get-token", "-p", "me") as running:
        block = running.read_until("Waiting for authentication...\n")
        someone.visit(re.search(r"https://\S+/devicelogin\S*", block)[0], re.search(r"enter the code: (\S+)", block)[1])
        assert running.finish().returncode == 0
    ours = provider["requests"]()[before:]
    before = len(provider["requests"]())
    application = public_application(provider)
    flow = application.initiate_device_flow([USER_READ])
    someone.visit(flow["verification_uri"], flow["user_code"])
    application.acquire_token_by_device_flow(flow)
    theirs = provider["requests"]()[before:]
    check("device code", first(ours, "/devicecode")["form"], first(theirs, "/devicecode")["form"])
    check("device poll", first(ours, "/token")["form"], first(theirs, "/token")["form"])


def first(requests, path):
    return next(request for request in requests if request["path"].endswith(path))


def check(job, ours, theirs):
    """Prints every difference; each must be explained."""
    unexplained = []
    for field in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(field), theirs.get(field)
        if same(field, mine, other):
            continue
        reason = EXPLAINED.get((job, field)) or EXPLAINED.get(("*", field))
        print(f"{job}: {field}: {shown(field, mine)} beside {shown(field, other)}: {reason or 'NOT EXPLAINED'}")
        if not reason:
            unexplained.append(field)
    assert not unexplained


def same(field, mine, other):
    if mine is None or other is None:
        return mine == other
    if field == "scope":
        return set(mine.split()) == set(other.split())
    return field in FRESH or mine == other


def shown(field, value):
    return "nothing" if value is None else "a fresh value" if field in FRESH else repr(value)
