"""oidc-provider, an authority by other people, accepts what the command sends."""

import json

import jwt
import pytest

import certificates
from verification import DEFAULT_SCOPE, claims


@pytest.fixture
def service(entratool, provider):
    """A profile of the application with a secret that form-encoding has to take care of."""
    entratool.create_profile("service", provider, "ClientCredentials", secret=provider["clientSecret"])
    return entratool


def test_client_credentials(service, provider):
    token = service.succeed("get-token", "-p", "service", "--silent").strip()
    assert claims(provider, token)["appid"] == provider["clientId"]


def test_the_request_is_what_entra_documents(service, provider):
    service.succeed("get-token", "-p", "service", "--silent")
    sent = provider["requests"]()[-1]
    assert sent["method"] == "POST"
    assert sent["path"] == f"/{provider['tenantId']}/oauth2/v2.0/token"
    assert sent["headers"]["content-type"].startswith("application/x-www-form-urlencoded")
    assert "authorization" not in sent["headers"]
    expected = {
        "grant_type": "client_credentials",
        "client_id": provider["clientId"],
        "client_secret": provider["clientSecret"],
        "scope": DEFAULT_SCOPE,
    }
    assert sent["form"] | expected == sent["form"]
    assert set(sent["form"]) - set(expected) <= {"client_info"}


def test_a_cached_token_sends_nothing(service, provider):
    first = service.succeed("get-token", "-p", "service", "--silent")
    before = len(provider["requests"]())
    assert service.succeed("get-token", "-p", "service", "--silent") == first
    assert len(provider["requests"]()) == before
    assert service.succeed("get-token", "-p", "service", "--silent", "--force") != first
    assert len(provider["requests"]()) == before + 1


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
@pytest.mark.parametrize("kind", ["pem", "pfx"])
def test_a_certificate(entratool, provider, client_certificate, kind, algorithm):
    file, password = certificates.bundle(client_certificate, entratool.home, kind)
    entratool.create_profile(
        "cert-profile",
        provider,
        "ClientCredentials",
        client_id=provider["certificateClientId"],
        certificate=file,
        assertion_alg=algorithm,
        **password,
    )
    token = entratool.succeed("get-token", "-p", "cert-profile", "-f", "ClientCredentials", "--silent").strip()
    sent = provider["requests"]()[-1]["form"]
    assert claims(provider, token)["appid"] == provider["certificateClientId"]
    assert "client_secret" not in sent
    header = jwt.get_unverified_header(sent["client_assertion"])
    assert header["alg"] == algorithm
    name, digest = ("x5t#S256", "sha256") if algorithm == "PS256" else ("x5t", "sha1")
    assert header[name] == certificates.thumbprint(client_certificate, digest)


def test_a_wrong_secret_is_refused(entratool, provider):
    entratool.create_profile("wrong", provider, "ClientCredentials", secret="not+this/one=")
    result = entratool("get-token", "-p", "wrong", "--json")
    assert result.returncode == 3
    assert result.stdout == ""
    error = json.loads(result.stderr)["error"]
    assert "7000215" in str(error["aadsts"])
    assert error["correlationId"] and error["traceId"] and error["timestamp"]
    assert "not+this/one=" not in result.stderr


def test_an_unknown_authority_gets_nothing(entratool, provider):
    without_trust = provider | {"caBundle": None}
    entratool.create_profile("untrusting", without_trust, "ClientCredentials", secret="canary-secret")
    before = len(provider["requests"]())
    result = entratool("get-token", "-p", "untrusting")
    assert result.returncode == 6
    assert "Witness authority" in result.stderr
    assert "canary-secret" not in result.stderr
    assert len(provider["requests"]()) == before
