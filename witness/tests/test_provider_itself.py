"""oidc-provider as it is set up here is a fair witness: MSAL, which knows nothing of it, gets tokens from it."""

from verification import DEFAULT_SCOPE, GRAPH, claims, public_application, service


def test_msal_gets_a_token_that_verifies(provider):
    result = service(provider, provider["clientSecret"]).acquire_token_for_client([DEFAULT_SCOPE])
    found = claims(provider, result["access_token"])
    assert found["appid"] == provider["clientId"]
    assert found["roles"] == ["User.Read.All"]


def test_msal_proves_itself_with_a_certificate(provider, client_certificate):
    credential = {
        "private_key": client_certificate.key.read_text(),
        "public_certificate": client_certificate.certificate.read_text(),
    }
    result = service(provider, credential, "certificateClientId").acquire_token_for_client([DEFAULT_SCOPE])
    assert result.get("token_type") == "Bearer", result


def test_a_wrong_secret_is_refused_as_entra_does(provider):
    result = service(provider, "wrong").acquire_token_for_client([DEFAULT_SCOPE])
    assert result["error"] == "invalid_client"
    assert result["error_codes"] == [7000215]
    assert result["error_description"].startswith("AADSTS7000215: ")
    assert {"trace_id", "correlation_id", "timestamp"} <= result.keys()


def test_msal_signs_a_user_in_and_refreshes(provider, user, python_browser):
    someone = user(provider["username"], provider["password"])
    python_browser(someone)
    application = public_application(provider)
    result = application.acquire_token_interactive([f"{GRAPH}/User.Read"], timeout=60)
    assert claims(provider, result["access_token"])["upn"] == provider["username"]
    assert "close" in someone.report()["text"]
    again = application.acquire_token_silent_with_error(
        [f"{GRAPH}/User.Read"], application.get_accounts()[0], force_refresh=True
    )
    assert again.get("access_token") not in (None, result["access_token"]), again


def test_msal_signs_a_user_in_on_another_device(provider, user):
    application = public_application(provider)
    flow = application.initiate_device_flow([f"{GRAPH}/User.Read"])
    user(provider["username"], provider["password"]).visit(flow["verification_uri"], flow["user_code"])
    result = application.acquire_token_by_device_flow(flow)
    assert claims(provider, result["access_token"])["scp"] == "User.Read"
