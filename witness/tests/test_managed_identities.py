"""Machines and pipelines: Microsoft's clients get their tokens at the emulator's endpoints, and ask as the command does."""

import hashlib
import os
import ssl

import msal
import msal.managed_identity
import pytest
import requests
from azure.identity import AzurePipelinesCredential, ManagedIdentityCredential, WorkloadIdentityCredential

from server import control, recorded
from verification import claims

RESOURCE = "https://vault.azure.net"
SCOPE = f"{RESOURCE}/.default"

# The identities of `entra_emulator::demo`.
IDENTITY_HEADER = "5d0c8f4e-emulator-identity-header"
REQUEST_TOKEN = "b81c3a57-emulator-workload-request-token"
ARC_KEY = "3e91c7d2-emulator-arc-key"
CLIENT_ID = "7f6b1e20-9d84-4c35-a1b9-e45d02c8f673"
OBJECT_ID = "8c07d9b4-36ef-4a12-b5d8-1f9e60a47c25"
RESOURCE_ID = (
    "/subscriptions/9e2f41a8-5d70-4b63-8c1e-a07d35b9f6c4/resourceGroups/contoso"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/contoso-web-app"
)

IDENTITIES = {
    "system": ([], msal.SystemAssignedManagedIdentity(), {}),
    "client": (["--identity", CLIENT_ID], msal.UserAssignedManagedIdentity(client_id=CLIENT_ID), {"client_id": CLIENT_ID}),
    "object": (
        ["--identity", f"object:{OBJECT_ID}"],
        msal.UserAssignedManagedIdentity(object_id=OBJECT_ID),
        {"identity_config": {"object_id": OBJECT_ID}},
    ),
    "resource": (
        ["--identity", RESOURCE_ID],
        msal.UserAssignedManagedIdentity(resource_id=RESOURCE_ID),
        {"identity_config": {"resource_id": RESOURCE_ID}},
    ),
}

# Headers that decide; the others identify the client, and may differ.
HEADERS = ["authorization", "content-type", "metadata", "secret", "x-identity-header", "x-tfs-fedauthredirect"]

# Form fields that only one side sends, or that differ each time.
EXPLAINED = {
    "client_info": "the command always asks for it; without a user it changes nothing",
    "client_assertion": "a fresh token each time",
}


@pytest.fixture
def platform(emulator, entratool, monkeypatch):
    """Sets a platform's variables for the command and for clients in this process."""
    control(emulator, "DELETE", "requests")
    # `requests` prefers this variable to the settings of its session.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", emulator["caBundle"])
    monkeypatch.setattr(msal.managed_identity, "_get_arc_endpoint", arc_endpoint)

    def become(**variables: str):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        entratool.environment |= variables | {"SSL_CERT_FILE": emulator["caBundle"]}

    return become


def arc_endpoint():
    """MSAL's own rule, without its look at what is installed on this machine."""
    return os.environ.get("IDENTITY_ENDPOINT") if "IMDS_ENDPOINT" in os.environ else None


def variables(emulator, kind):
    authority = emulator["authority"]
    return {
        "virtual machine": {"AZURE_POD_IDENTITY_AUTHORITY_HOST": authority},
        "app service": {"IDENTITY_ENDPOINT": f"{authority}/msi/token", "IDENTITY_HEADER": IDENTITY_HEADER},
        "machine learning": {"MSI_ENDPOINT": f"{authority}/machine-learning/token", "MSI_SECRET": IDENTITY_HEADER},
    }[kind]


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("kind", ["virtual machine", "app service"])
def test_managed_identities(emulator, entratool, platform, kind, identity):
    platform(**variables(emulator, kind))
    check_managed_identity(emulator, entratool, identity)


@pytest.mark.parametrize("identity", ["system", "client"])
def test_machine_learning(emulator, entratool, platform, identity):
    platform(**variables(emulator, "machine learning"))
    check_managed_identity(emulator, entratool, identity)


def test_cloud_shell(emulator, entratool, platform):
    platform(MSI_ENDPOINT=f"{emulator['authority']}/cloud-shell/token")
    token = entratool.succeed("get-token", "-f", "ManagedIdentity", "-s", SCOPE, "--silent").strip()
    check_token(emulator, token)
    credential = ManagedIdentityCredential(connection_verify=emulator["caBundle"])
    check_token(emulator, credential.get_token(SCOPE).token)
    ours, theirs = asked(emulator)
    check_same(ours, theirs)


def test_service_fabric(emulator, entratool, platform):
    host, port = emulator["authority"].removeprefix("https://").split(":")
    certificate = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port))))
    platform(
        IDENTITY_ENDPOINT=f"{emulator['authority']}/service-fabric/token",
        IDENTITY_HEADER=IDENTITY_HEADER,
        IDENTITY_SERVER_THUMBPRINT=hashlib.sha1(certificate).hexdigest(),
    )
    token = entratool.succeed("get-token", "-f", "ManagedIdentity", "-s", SCOPE, "--silent").strip()
    check_token(emulator, token)
    check_token(emulator, msal_token(emulator, msal.SystemAssignedManagedIdentity()))
    ours, theirs = asked(emulator)
    check_same(ours, theirs)


def test_azure_arc(emulator, entratool, platform, monkeypatch, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "1.key").write_text(ARC_KEY)
    control(emulator, "PATCH", "settings", {"arcKeyFile": str(keys / "1.key")})
    endpoint = f"{emulator['authority']}/arc/metadata/identity/oauth2/token"
    platform(IDENTITY_ENDPOINT=endpoint, IMDS_ENDPOINT=emulator["authority"])
    folders = {"linux": str(keys), "win32": str(keys), "darwin": str(keys)}
    monkeypatch.setattr(msal.managed_identity, "_supported_arc_platforms_and_their_prefixes", folders)
    for name in ("system", "client", "resource"):
        options, of_msal, of_azure_identity = IDENTITIES[name]
        control(emulator, "DELETE", "requests")
        check_token(emulator, msal_token(emulator, of_msal))
        credential = ManagedIdentityCredential(connection_verify=emulator["caBundle"], **of_azure_identity)
        check_token(emulator, credential.get_token(SCOPE).token)
        # The command reads keys in the agent's own folder only, so that it stops at this challenge.
        result = entratool("get-token", "-f", "ManagedIdentity", "-s", SCOPE, *options)
        assert result.returncode == 1, result.stderr
        assert "its key file is not in `/var/opt/azcmagent/tokens`" in result.stderr
        *of_theirs, ours = asked(emulator)
        assert [bool(request["headers"].get("authorization")) for request in of_theirs] == [False, True] * 2
        check_same(ours, of_theirs[0])


def test_azure_pipelines(emulator, entratool, platform, monkeypatch):
    connection = "0d6c1f0e-52b7-4a39-8f61-c2a7e9d3b504"
    platform(
        SYSTEM_OIDCREQUESTURI=f"{emulator['authority']}/federated/pipelines",
        SYSTEM_ACCESSTOKEN=REQUEST_TOKEN,
        AZURESUBSCRIPTION_SERVICE_CONNECTION_ID=connection,
        **application(emulator),
    )
    credential = AzurePipelinesCredential(
        tenant_id=emulator["tenantId"],
        client_id=emulator["clientId"],
        service_connection_id=connection,
        system_access_token=REQUEST_TOKEN,
        authority=emulator["authority"],
        disable_instance_discovery=True,
        connection_verify=emulator["caBundle"],
    )
    check_workload(emulator, entratool, credential)


def test_kubernetes(emulator, entratool, platform, tmp_path):
    issuer = f"{emulator['authority']}/federated/github"
    answer = requests.get(
        issuer,
        params={"audience": "api://AzureADTokenExchange"},
        headers={"authorization": f"bearer {REQUEST_TOKEN}"},
        verify=emulator["caBundle"],
        timeout=30,
    )
    file = tmp_path / "federated"
    file.write_text(answer.json()["value"])
    control(emulator, "DELETE", "requests")
    platform(AZURE_FEDERATED_TOKEN_FILE=str(file), **application(emulator))
    credential = WorkloadIdentityCredential(disable_instance_discovery=True, connection_verify=emulator["caBundle"])
    check_workload(emulator, entratool, credential)


def application(emulator):
    return {
        "AZURE_TENANT_ID": emulator["tenantId"],
        "AZURE_CLIENT_ID": emulator["clientId"],
        "AZURE_AUTHORITY_HOST": emulator["authority"],
    }


def msal_token(emulator, identity):
    session = requests.Session()
    session.verify = emulator["caBundle"]
    result = msal.ManagedIdentityClient(identity, http_client=session).acquire_token_for_client(resource=RESOURCE)
    assert "access_token" in result, result
    return result["access_token"]


def check_managed_identity(emulator, entratool, identity):
    options, of_msal, of_azure_identity = IDENTITIES[identity]
    token = entratool.succeed("get-token", "-f", "ManagedIdentity", "-s", SCOPE, "--silent", *options).strip()
    check_token(emulator, token)
    check_token(emulator, msal_token(emulator, of_msal))
    credential = ManagedIdentityCredential(connection_verify=emulator["caBundle"], **of_azure_identity)
    check_token(emulator, credential.get_token(SCOPE).token)
    ours, of_msal, of_azure_identity = asked(emulator)
    check_same(ours, of_msal)
    check_same(ours, of_azure_identity)


def check_workload(emulator, entratool, credential):
    token = entratool.succeed("get-token", "-f", "WorkloadIdentity", "-s", SCOPE, "--silent").strip()
    assert claims(emulator, token, RESOURCE)["appid"] == emulator["clientId"]
    ours = asked(emulator)
    control(emulator, "DELETE", "requests")
    assert claims(emulator, credential.get_token(SCOPE).token, RESOURCE)["appid"] == emulator["clientId"]
    theirs = asked(emulator)
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs):
        check_same(mine, other)


def asked(emulator):
    """The requests for tokens, without those for public documents."""
    documents = ("/keys", "/openid-configuration")
    return [request for request in recorded(emulator) if not request["path"].endswith(documents)]


def check_token(emulator, token):
    found = claims(emulator, token, RESOURCE)
    assert found["appid"] == CLIENT_ID
    assert found["tid"] == emulator["tenantId"]


def check_same(ours, theirs):
    """The two requests say the same in every part that decides."""
    assert ours["method"] == theirs["method"]
    assert ours["path"] == theirs["path"]
    assert ours["query"] == theirs["query"]
    headers = [{name: request["headers"].get(name) for name in HEADERS} for request in (ours, theirs)]
    assert headers[0] == headers[1]
    forms = [
        {name: value for name, value in request["form"].items() if name not in EXPLAINED} for request in (ours, theirs)
    ]
    assert forms[0] == forms[1]
