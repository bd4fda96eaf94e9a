"""Certificates made by openssl when the tests run; nothing of them is committed."""

import base64
import hashlib
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """Paths of PEM files: a private key, its certificate, and who issued it."""

    key: Path
    certificate: Path
    authority: Path


def for_localhost(folder: Path) -> Certificate:
    """A server certificate for the loopback names, issued by an authority of its own."""
    authority_key, authority = folder / "authority.key", folder / "authority.pem"
    openssl(
        *new_key(authority_key, "/CN=Witness authority"),
        *("-out", authority),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )
    key, certificate = folder / "server.key", folder / "server.pem"
    openssl(
        *new_key(key, "/CN=localhost"),
        *("-out", certificate, "-CA", authority, "-CAkey", authority_key),
        *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
        *("-addext", "keyUsage=critical,digitalSignature"),
        *("-addext", "extendedKeyUsage=serverAuth"),
    )
    return Certificate(key, certificate, authority)


def issued_for_client(folder: Path) -> Certificate:
    """A certificate that an authority issued, as organisations have them that trust subject names."""
    authority_key, authority = folder / "issuer.key", folder / "issuer.pem"
    openssl(*new_key(authority_key, "/CN=Witness issuer"), "-out", authority)
    key, certificate = folder / "issued.key", folder / "issued.pem"
    issuer = ("-CA", authority, "-CAkey", authority_key)
    openssl(*new_key(key, "/CN=Witness application of an issuer"), "-out", certificate, *issuer)
    return Certificate(key, certificate, authority)


def for_client(folder: Path) -> Certificate:
    """A self-signed certificate, as people upload to an app registration."""
    key, certificate = folder / "client.key", folder / "client.pem"
    openssl(*new_key(key, "/CN=Witness application"), "-out", certificate)
    return Certificate(key, certificate, certificate)


def bundle(certificate: Certificate, folder: Path, kind: str) -> tuple[Path, dict[str, str]]:
    """Key and certificate in one file, and the options that open it: `pem` is open, `pfx` has a password."""
    file = folder / f"bundle.{kind}"
    if kind == "pem":
        file.write_text(certificate.key.read_text() + certificate.certificate.read_text())
        file.chmod(0o600)
        return file, {}
    password = folder / "password.txt"
    password.write_text("p+ss wörd\n")
    password.chmod(0o600)
    pair = ("-inkey", certificate.key, "-in", certificate.certificate)
    openssl("pkcs12", "-export", *pair, "-out", file, "-passout", f"file:{password}")
    return file, {"certificate_password_file": str(password)}


def thumbprint(certificate: Certificate, digest: str = "sha256") -> str:
    """The digest of the certificate in DER, as base64url without padding."""
    digested = hashlib.new(digest, der(certificate.certificate)).digest()
    return base64.urlsafe_b64encode(digested).rstrip(b"=").decode()


def der(certificate: Path) -> bytes:
    """A PEM certificate in DER."""
    return ssl.PEM_cert_to_DER_cert(certificate.read_text())


def new_key(key: Path, subject: str, kind: str = "rsa:2048") -> tuple:
    """The arguments of `openssl` for a self-signed certificate; where it goes is still to be said."""
    return ("req", "-x509", "-newkey", kind, "-nodes", "-days", "90", "-keyout", key, "-subj", subject)


def openssl(*arguments: object) -> str:
    """What `openssl` prints."""
    command = ["openssl", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}).stdout


def fingerprint(certificate: Path, digest: str, form: str = "PEM") -> str:
    """As `openssl x509` gives it, without its colons."""
    printed = openssl("x509", "-in", certificate, "-inform", form, "-noout", "-fingerprint", f"-{digest}")
    return printed.strip().partition("=")[2].replace(":", "")
