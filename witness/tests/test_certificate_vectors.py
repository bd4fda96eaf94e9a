"""The public PFX and PEM files of the package `cryptography-vectors`, read as `cryptography` reads them."""

import datetime
import json
import subprocess
from pathlib import Path

import cryptography_vectors
import pytest
from command import environment
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_der_private_key,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

VECTORS = Path(cryptography_vectors.__file__).parent
PASSWORDS = [None, b"", b"cryptography", b"password", b"changeit", b"123456", b"a123456", b"asdf", b"1234", b"foobar"]


class Tally:
    """How many files there were, and which of them were read otherwise."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.total, self.differ = binary, folder, 0, []

    def show(self, name: str, contents: bytes, password: bytes | None) -> dict | None:
        """What `certificate show --json` says; `None` if it fails."""
        file = self.folder / "vector"
        file.write_bytes(contents)
        command = [self.binary, "certificate", "show", file, "--json"]
        if password is not None:
            command.append("--password-stdin")
        run = subprocess.run(command, input=password or b"", capture_output=True, env=environment(self.folder), timeout=60)
        assert run.returncode in (0, 1), (name, run.stderr)
        return json.loads(run.stdout) if run.returncode == 0 else None

    def compare(self, name: str, contents: bytes, password: bytes | None, certificates, usable: bool | None):
        """One of `certificates` is shown, or none if there are none; with a key that is usable."""
        self.total += 1
        shown = self.show(name, contents, password)
        thumbprints = [certificate.fingerprint(hashes.SHA256()).hex().upper() for certificate in certificates]
        if not certificates:
            same = shown is None
        else:
            same = shown is not None and shown["thumbprintSha256"] in thumbprints
            same = same and usable in (None, shown["privateKey"])
        if not same:
            self.differ.append(name)


def first(load, contents: bytes):
    """What `load` gives with the first password that fits, and that password."""
    for password in PASSWORDS:
        try:
            return load(contents, password), password
        except Exception:  # noqa: BLE001 - any refusal leads to the next password
            continue
    return None, None


def is_usable(key, certificate) -> bool:
    """Whether Entra ID takes the key."""
    plain = isinstance(key, rsa.RSAPrivateKey) and isinstance(certificate.public_key(), rsa.RSAPublicKey)
    return plain and 2048 <= key.key_size <= 4096


def self_signed(key) -> bytes:
    """A certificate for `key`, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vector")])
    now = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=9999))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def pfx_files(tally: Tally):
    """Every PFX."""
    for path in sorted(VECTORS.rglob("*.p12")):
        contents = path.read_bytes()
        found, password = first(pkcs12.load_pkcs12, contents)
        if found is None:
            continue
        own = [found.cert.certificate] if found.cert else []
        others = [other.certificate for other in found.additional_certs]
        usable = is_usable(found.key, own[0]) if found.key and own else None
        tally.compare(path.name, contents, password, own or others, usable)


def certificate_files(tally: Tally):
    """Every file of certificates in PEM or DER."""
    for path in sorted([*VECTORS.rglob("*.pem"), *VECTORS.rglob("*.crt"), *VECTORS.rglob("*.der"), *VECTORS.rglob("*.p7b")]):
        contents = path.read_bytes()
        try:
            if b"-----BEGIN CERTIFICATE" in contents:
                found = x509.load_pem_x509_certificates(contents)
            elif b"-----BEGIN" in contents:
                continue
            else:
                found = [x509.load_der_x509_certificate(contents)]
            # What it reads late, it may refuse late.
            dates = [(one.not_valid_before_utc, one.not_valid_after_utc, one.subject, one.issuer) for one in found]
        except (ValueError, x509.InvalidVersion):
            continue
        assert dates
        tally.compare(path.name, contents, None, found, None)


def key_files(tally: Tally):
    """Every private key in a file of its own, with a certificate for it."""
    for path in sorted((VECTORS / "asymmetric").rglob("*.pem")):
        contents = path.read_bytes()
        key, password = first(load_pem_private_key, contents)
        if not isinstance(key, rsa.RSAPrivateKey):
            continue
        try:
            certificate = self_signed(key)
        except ValueError:
            continue
        loaded = x509.load_pem_x509_certificate(certificate)
        # The command refuses keys that are restricted to RSASSA-PSS.
        usable = is_usable(key, loaded) and not path.name.startswith("rsa_pss")
        tally.compare(path.name, contents + b"\n" + certificate, password, [loaded], usable)


@pytest.mark.parametrize(("files", "fewest"), [(pfx_files, 434), (certificate_files, 500), (key_files, 24)])
def test_public_files_are_read_as_others_read_them(binary, tmp_path, files, fewest):
    tally = Tally(binary, tmp_path)
    files(tally)
    print(files.__name__, tally.total, "differ:", tally.differ)
    assert tally.total >= fewest
    assert tally.differ == []
