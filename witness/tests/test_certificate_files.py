"""Certificates from `certificate create` and openssl on their way into a profile: no openssl is needed, no question comes twice."""

import base64
import json
import re

import certificates
import pytest
import server
from command import Command
from cryptography import x509
from verification import DEFAULT_SCOPE, claims, service

TOKEN = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+\n")

# Letter by letter as the documentation shows it.
DOCUMENTED_PROFILE = """{
  "name": "cert-profile",
  "clientId": "...",
  "tenantId": "...",
  "certificatePath": "/path/to/cert.pfx",
  "useCertificate": true
}"""


@pytest.fixture(scope="module", params=[2048, 3072])
def created(request, binary, tmp_path_factory):
    """Files that `certificate create` made, and what it said of them."""
    folder = tmp_path_factory.mktemp("created")
    command = Command(binary, folder)
    options = ["--output", "app", "--bits", request.param, "--password-stdin", "--json"]
    report = json.loads(command.succeed("certificate", "create", *options, stdin="a new password\n"))
    return report | {"folder": folder, "bits": request.param, "pfx": folder / "app.pfx", "cer": folder / "app.cer"}


def test_openssl_opens_what_was_created(created):
    password = ("-passin", "pass:a new password")
    opened = certificates.openssl("pkcs12", "-in", created["pfx"], *password, "-nodes")
    assert "BEGIN PRIVATE KEY" in opened
    inside = x509.load_pem_x509_certificate(opened[opened.index("-----BEGIN CERTIFICATE") :].encode())
    uploaded = x509.load_der_x509_certificate(created["cer"].read_bytes())
    assert inside == uploaded
    assert inside.public_key().key_size == created["bits"]
    inside.verify_directly_issued_by(uploaded)


def test_msal_signs_in_with_what_was_created(created, emulator):
    register(emulator, created["cer"])
    credential = {"private_key_pfx_path": str(created["pfx"]), "passphrase": "a new password"}
    result = service(emulator, credential, "certificateClientId").acquire_token_for_client([DEFAULT_SCOPE])
    assert result.get("token_type") == "Bearer", result


def test_thumbprints_are_those_of_openssl(created, entratool, emulator):
    wanted = {digest: certificates.fingerprint(created["cer"], digest, "DER") for digest in ("sha1", "sha256")}
    assert (created["thumbprintSha1"], created["thumbprintSha256"]) == (wanted["sha1"], wanted["sha256"])
    profile(entratool, emulator, created)
    for command in [
        ("certificate", "show", created["cer"]),
        ("certificate", "show", created["pfx"], "--password-env", "PASSWORD"),
        ("config", "show", "cert-profile"),
    ]:
        shown = entratool.succeed(*command, PASSWORD="a new password")
        for label, digest in [("SHA-1", "sha1"), ("SHA-256", "sha256")]:
            assert f"Thumbprint ({label}): {wanted[digest]}\n" in shown
        assert re.search(r"Valid until: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(364 days( 23 hours)? left\)\n", shown), shown


def test_the_whole_way_needs_no_other_tool(entratool, binary, tmp_path):
    entratool.succeed("certificate", "create", "--output", "app", "--password-stdin", stdin="once and never again\n")
    options = ["--port", "0", "--json", "--register-certificate", entratool.home / "app.cer"]
    with server.running([binary, "emulator", "start", *options], tmp_path / "emulator") as ready:
        emulator = ready | {"certificateClientId": "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492"}
        profile(entratool, emulator, {"pfx": "app.pfx"}, "once and never again\n")
        result = entratool("get-token", "-p", "cert-profile", "-f", "ClientCredentials")
        assert result.stderr == "✓ Token acquired successfully\n\n"
        assert TOKEN.fullmatch(result.stdout)
        assert claims(emulator, result.stdout.strip())["appid"] == emulator["certificateClientId"]


def test_the_documented_profile(entratool, emulator, client_certificate):
    file, _ = certificates.bundle(client_certificate, entratool.home, "pfx")
    written = DOCUMENTED_PROFILE.replace('"..."', f'"{emulator["certificateClientId"]}"', 1)
    written = written.replace('"..."', f'"{emulator["tenantId"]}"', 1).replace("/path/to/cert.pfx", str(file))
    written = written.replace("\n}", f',\n  "authority": "{emulator["authority"]}"\n}}')
    folder = entratool.home / ".entratool"
    folder.mkdir(mode=0o700)
    (folder / "profiles.json").write_text(written)
    password = entratool.home / "password.txt"
    entratool.succeed("config", "edit", "-p", "cert-profile", "--certificate-password-file", password)
    line = "entratool get-token -p cert-profile -f ClientCredentials"
    result = entratool.bash(f"{line} < /dev/null", SSL_CERT_FILE=emulator["caBundle"])
    assert result.stderr == "✓ Token acquired successfully\n\n"
    assert TOKEN.fullmatch(result.stdout)


def test_variables_alone(entratool, emulator, client_certificate):
    file, _ = certificates.bundle(client_certificate, entratool.home, "pfx")
    variables = {
        "AZURE_TENANT_ID": emulator["tenantId"],
        "AZURE_CLIENT_ID": emulator["certificateClientId"],
        "AZURE_CLIENT_CERTIFICATE_PATH": str(file),
        "AZURE_AUTHORITY_HOST": emulator["authority"],
        "SSL_CERT_FILE": emulator["caBundle"],
    }
    result = entratool("get-token", **variables)
    assert result.returncode == 1
    assert "set AZURE_CLIENT_CERTIFICATE_PASSWORD to the password of the file" in result.stderr
    variables["AZURE_CLIENT_CERTIFICATE_PASSWORD"] = "p+ss wörd"
    token = entratool.succeed("get-token", **variables).strip()
    assert claims(emulator, token)["appidacr"] == "2"


def test_an_encrypted_key_in_a_file_of_its_own(entratool, emulator, client_certificate):
    key = entratool.home / "app.key"
    encrypted = ("-topk8", "-in", client_certificate.key, "-out", key)
    certificates.openssl("pkcs8", *encrypted, "-passout", "pass:of the key")
    files = {"pfx": client_certificate.certificate, "certificate_key": key}
    result = create(entratool, emulator, files, "wrong\n")
    assert result.returncode == 1
    assert f"wrong password for `{key}`\n" in result.stderr
    assert create(entratool, emulator, files, "of the key\n").returncode == 0
    entratool.succeed("get-token", "-p", "cert-profile")


@pytest.mark.parametrize(
    "kind, said",
    [
        ("rsa:1024", "the RSA key has 1024 bits, at least 2048 are needed"),
        ("ec", "it is an elliptic-curve key, and certificate credentials take plain RSA keys only"),
        ("ed25519", "it is an Ed25519 key, and certificate credentials take plain RSA keys only"),
    ],
)
def test_a_key_that_entra_would_not_take(entratool, emulator, kind, said):
    key, certificate, file = (entratool.home / name for name in ("app.key", "app.pem", "app.pfx"))
    curve = ("-pkeyopt", "ec_paramgen_curve:P-256") if kind == "ec" else ()
    certificates.openssl(*certificates.new_key(key, "/CN=x", kind), *curve, "-out", certificate)
    certificates.openssl("pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", file, "-passout", "pass:x")
    result = create(entratool, emulator, {"pfx": file}, "x\n")
    assert result.returncode == 1
    assert f"certificate `{file}` cannot be used: " in result.stderr
    assert said in result.stderr
    assert "`entratool certificate create` makes one" in result.stderr
    assert entratool.succeed("config", "list") == ""


def test_a_pfx_without_a_key(entratool, emulator, client_certificate):
    file = entratool.home / "no-key.pfx"
    source = ("-nokeys", "-in", client_certificate.certificate)
    certificates.openssl("pkcs12", "-export", *source, "-out", file, "-passout", "pass:x")
    result = create(entratool, emulator, {"pfx": file}, "x\n")
    assert result.returncode == 1
    assert f"certificate `{file}` cannot be used: there is no private key in it\n" in result.stderr


def profile(entratool, emulator, files, password="a new password\n"):
    result = create(entratool, emulator, files, password)
    assert result.returncode == 0, result.stderr


def create(entratool, emulator, files, password):
    """Makes `cert-profile` with the files; their password is piped in."""
    options = {
        "name": "cert-profile",
        "client_id": emulator["certificateClientId"],
        "tenant_id": emulator["tenantId"],
        "authority": emulator["authority"],
        "ca_bundle": emulator["caBundle"],
        "certificate": files["pfx"],
    }
    if "certificate_key" in files:
        options["certificate_key"] = files["certificate_key"]
    arguments = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    return entratool("config", "create", *arguments, "--certificate-password-stdin", stdin=password)


def register(emulator, certificate):
    encoded = base64.b64encode(certificate.read_bytes()).decode()
    registration = {"clientId": emulator["certificateClientId"], "certificate": encoded}
    server.control(emulator, "POST", "certificates", registration)
