"""Microsoft's own clients, unmodified, prove an application to the emulator with a certificate in PEM or PFX."""

import json
import subprocess

import certificates
import pytest
from azure.identity import CertificateCredential
from command import environment
from verification import DEFAULT_SCOPE, claims, service

PASSWORD = "p+ss wörd"


@pytest.fixture(scope="module")
def bundles(client_certificate, tmp_path_factory):
    """Key and certificate in one file, without a password in PEM, with one in PFX."""
    folder = tmp_path_factory.mktemp("bundles")
    return {kind: certificates.bundle(client_certificate, folder, kind)[0] for kind in ("pem", "pfx")}


def test_msal_for_python_with_pem(emulator, client_certificate):
    credential = {
        "private_key": client_certificate.key.read_text(),
        "public_certificate": client_certificate.certificate.read_text(),
    }
    check_msal(emulator, credential)


def test_msal_for_python_with_pem_and_the_older_thumbprint(emulator, client_certificate):
    credential = {
        "private_key": client_certificate.key.read_text(),
        "thumbprint": certificates.fingerprint(client_certificate.certificate, "sha1"),
    }
    check_msal(emulator, credential)


@pytest.mark.parametrize("chain", [False, True])
def test_msal_for_python_with_pfx(emulator, bundles, chain):
    check_msal(emulator, {"private_key_pfx_path": str(bundles["pfx"]), "passphrase": PASSWORD, "public_certificate": chain})


@pytest.mark.parametrize("kind, password", [("pem", None), ("pfx", PASSWORD)])
def test_azure_identity_for_python(emulator, bundles, kind, password):
    credential = CertificateCredential(
        emulator["tenantId"],
        emulator["certificateClientId"],
        str(bundles[kind]),
        password=password,
        authority=emulator["authority"],
        disable_instance_discovery=True,
        connection_verify=emulator["caBundle"],
    )
    check_token(emulator, credential.get_token(DEFAULT_SCOPE).token)


# Neither of the two reads a PFX.
@pytest.mark.parametrize("client", ["msal-node", "azure-identity"])
def test_clients_for_node(emulator, client_certificate, bundles, witness, tmp_path, client):
    files = {
        "key": str(client_certificate.key),
        "certificate": str(client_certificate.certificate),
        "bundle": str(bundles["pem"]),
    }
    result = subprocess.run(
        ["node", witness / "clients/certificate.mjs", client, json.dumps(emulator | files)],
        env=environment(tmp_path, NODE_EXTRA_CA_CERTS=emulator["caBundle"]),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    check_token(emulator, result.stdout.strip())


def test_an_unregistered_certificate_is_refused_as_entra_does(emulator, tmp_path):
    stranger = certificates.for_client(tmp_path)
    credential = {"private_key": stranger.key.read_text(), "public_certificate": stranger.certificate.read_text()}
    result = service(emulator, credential, "certificateClientId").acquire_token_for_client([DEFAULT_SCOPE])
    assert result["error"] == "invalid_client"
    assert result["error_codes"] == [700027]
    assert certificates.fingerprint(stranger.certificate, "sha256") in result["error_description"]


def check_msal(emulator, credential):
    result = service(emulator, credential, "certificateClientId").acquire_token_for_client([DEFAULT_SCOPE])
    assert result.get("token_type") == "Bearer", result
    check_token(emulator, result["access_token"])


def check_token(emulator, token):
    found = claims(emulator, token)
    assert found["appid"] == emulator["certificateClientId"]
    assert found["appidacr"] == "2"
