"""What the command signs with a certificate, verified by PyJWT with nothing but the certificate's public key."""

import base64
import re
import time

import certificates
import jwt
import pytest
from cryptography.x509 import load_pem_x509_certificate
from server import control, token_requests

ALGORITHMS = {"PS256": ("x5t#S256", "sha256"), "RS256": ("x5t", "sha1")}


@pytest.fixture(scope="module")
def issued(emulator, tmp_path_factory):
    """A certificate with an issuer, which the emulator knows."""
    certificate = certificates.issued_for_client(tmp_path_factory.mktemp("issued"))
    registration = {"clientId": emulator["certificateClientId"], "certificate": certificate.certificate.read_text()}
    control(emulator, "POST", "certificates", registration)
    return certificate


@pytest.fixture
def sign_in(entratool, emulator, issued):
    """Signs in with a profile that says how to sign; gives the assertion that was sent."""
    bundle = entratool.home / "chain.pem"
    # The leaf is not the first one: order is free.
    bundle.write_text("".join(part.read_text() for part in (issued.authority, issued.key, issued.certificate)))
    bundle.chmod(0o600)

    def run(algorithm: str, with_chain: bool = False) -> str:
        options = {"client_id": emulator["certificateClientId"], "certificate": bundle, "assertion_alg": algorithm}
        entratool.create_profile("cert-profile", emulator, "ClientCredentials", **options)
        if with_chain:
            entratool.succeed("config", "edit", "-p", "cert-profile", "--send-x5c")
        return again()

    def again() -> str:
        entratool.succeed("get-token", "-p", "cert-profile", "--force", "--silent")
        return token_requests(emulator)[-1]["client_assertion"]

    run.again = again
    return run


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_assertions_verify_with_the_public_key(sign_in, emulator, issued, algorithm):
    before = int(time.time())
    assertion = sign_in(algorithm)
    claims = verified(assertion, algorithm, emulator, issued)
    assert claims["iss"] == claims["sub"] == emulator["certificateClientId"]
    times = [claims[name] for name in ("nbf", "iat", "exp")]
    assert all(type(moment) is int for moment in times), times
    assert before <= claims["nbf"] == claims["iat"] <= time.time()
    assert 0 < claims["exp"] - claims["nbf"] <= 600
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", claims["jti"])
    other = verified(sign_in.again(), algorithm, emulator, issued)
    assert other["jti"] != claims["jti"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_headers_name_the_certificate_and_nothing_else(sign_in, issued, algorithm):
    name, digest = ALGORITHMS[algorithm]
    header = jwt.get_unverified_header(sign_in(algorithm))
    assert header == {"alg": algorithm, "typ": "JWT", name: certificates.thumbprint(issued, digest)}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_chain_is_sent_where_it_is_asked_for(sign_in, emulator, issued, algorithm):
    assertion = sign_in(algorithm, with_chain=True)
    chain = jwt.get_unverified_header(assertion)["x5c"]
    wanted = [certificates.der(path) for path in (issued.certificate, issued.authority)]
    assert chain == [base64.b64encode(der).decode() for der in wanted]
    verified(assertion, algorithm, emulator, issued)


def verified(assertion, algorithm, emulator, certificate):
    """The claims, if the signature fits the certificate and the audience is the token endpoint."""
    key = load_pem_x509_certificate(certificate.certificate.read_bytes()).public_key()
    audience = f"{emulator['authority']}/{emulator['tenantId']}/oauth2/v2.0/token"
    needed = ["aud", "iss", "sub", "jti", "nbf", "iat", "exp"]
    return jwt.decode(assertion, key, [algorithm], audience=audience, options={"require": needed})
