"""Microsoft's own clients, unmodified, get application tokens from the emulator; PyJWT verifies them."""

import json
import subprocess

import pytest
from azure.identity import ClientSecretCredential

from command import environment
from verification import DEFAULT_SCOPE, claims, service


def test_msal_for_python(emulator):
    result = service(emulator, emulator["clientSecret"]).acquire_token_for_client([DEFAULT_SCOPE])
    assert result.get("token_type") == "Bearer", result
    assert result["expires_in"] > 3000
    check_claims(emulator, result["access_token"])


def test_msal_for_python_sees_a_wrong_secret_as_entra_says_it(emulator):
    result = service(emulator, "wrong").acquire_token_for_client([DEFAULT_SCOPE])
    assert result["error"] == "invalid_client"
    assert result["error_codes"] == [7000215]
    assert result["error_description"].startswith("AADSTS7000215: ")
    assert result["correlation_id"]


def test_azure_identity_for_python(emulator):
    credential = ClientSecretCredential(
        emulator["tenantId"],
        emulator["clientId"],
        emulator["clientSecret"],
        authority=emulator["authority"],
        disable_instance_discovery=True,
        connection_verify=emulator["caBundle"],
    )
    check_claims(emulator, credential.get_token(DEFAULT_SCOPE).token)


@pytest.mark.parametrize("client", ["msal-node", "azure-identity"])
def test_clients_for_node(emulator, witness, tmp_path, client):
    result = subprocess.run(
        ["node", witness / "clients/client_credentials.mjs", client, json.dumps(emulator)],
        env=environment(tmp_path, NODE_EXTRA_CA_CERTS=emulator["caBundle"]),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    check_claims(emulator, result.stdout.strip())


def check_claims(emulator, token):
    found = claims(emulator, token)
    assert found["appid"] == emulator["clientId"]
    assert found["tid"] == emulator["tenantId"]
    # In the shape of version 1.0, but never taken for a token of Entra ID.
    assert found["iss"] == f"{emulator['authority']}/{emulator['tenantId']}/"
    assert "User.Read.All" in found["roles"]
