"""Certificates made by openssl when the tests run; nothing of them is committed."""

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


def _new_key(key: Path, subject: str) -> tuple:
    return ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-subj", subject)


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, env={"PATH": "/usr/bin:/bin"})
