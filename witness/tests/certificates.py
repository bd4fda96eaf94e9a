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
    _openssl(
        *_new_key(authority_key, "/CN=Witness authority"),
        *("-out", authority),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )
    key, certificate = folder / "server.key", folder / "server.pem"
    _openssl(
        *_new_key(key, "/CN=localhost"),
        *("-out", certificate, "-CA", authority, "-CAkey", authority_key),
        *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
        *("-addext", "keyUsage=critical,digitalSignature"),
        *("-addext", "extendedKeyUsage=serverAuth"),
    )
    return Certificate(key, certificate, authority)


def for_client(folder: Path) -> Certificate:
    """A self-signed certificate, as people upload to an app registration."""
    key, certificate = folder / "client.key", folder / "client.pem"
    _openssl(*_new_key(key, "/CN=Witness application"), "-out", certificate)
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
    _openssl("pkcs12", "-export", *pair, "-out", file, "-passout", f"file:{password}")
    return file, {"certificate_password_file": str(password)}


def thumbprint(certificate: Certificate) -> str:
    """SHA-256 of the certificate in DER, as base64url without padding."""
    der = ssl.PEM_cert_to_DER_cert(certificate.certificate.read_text())
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def _new_key(key: Path, subject: str) -> tuple:
    return ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-subj", subject)


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, env={"PATH": "/usr/bin:/bin"})
