"""oidc-provider as it is set up here is a fair witness: MSAL, which knows nothing of it, gets tokens from it."""

import ssl

import jwt
import msal

SCOPE = "https://graph.microsoft.com/.default"


def test_msal_gets_a_token_that_verifies(provider):
    result = application(provider, provider["clientSecret"]).acquire_token_for_client([SCOPE])
    keys = jwt.PyJWKClient(f"{tenant(provider)}/discovery/v2.0/keys", ssl_context=ssl.create_default_context(cafile=provider["caBundle"]))
    key = keys.get_signing_key_from_jwt(result["access_token"])
    claims = jwt.decode(result["access_token"], key, ["RS256"], audience="https://graph.microsoft.com")
    assert claims["appid"] == provider["clientId"]
    assert claims["roles"] == ["User.Read.All"]


def test_msal_proves_itself_with_a_certificate(provider, client_certificate):
    credential = {
        "private_key": client_certificate.key.read_text(),
        "public_certificate": client_certificate.certificate.read_text(),
    }
    result = application(provider, credential, "certificateClientId").acquire_token_for_client([SCOPE])
    assert result.get("token_type") == "Bearer", result


def test_a_wrong_secret_is_refused_as_entra_does(provider):
    result = application(provider, "wrong").acquire_token_for_client([SCOPE])
    assert result["error"] == "invalid_client"
    assert result["error_codes"] == [7000215]
    assert result["error_description"].startswith("AADSTS7000215: ")
    assert {"trace_id", "correlation_id", "timestamp"} <= result.keys()


def application(provider, credential, client="clientId"):
    return msal.ConfidentialClientApplication(
        provider[client],
        client_credential=credential,
        authority=tenant(provider),
        instance_discovery=False,
        verify=provider["caBundle"],
    )


def tenant(provider):
    return f"{provider['authority']}/{provider['tenantId']}"
