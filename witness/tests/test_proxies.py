"""Real proxies stand between the command and the authority, and let it through or not."""

import pytest

import proxies
import server
from secure_proxy import secure_proxy
from verification import claims


@pytest.fixture
def service(entratool, emulator):
    """A profile of the application with a secret; each run asks the authority."""
    entratool.create_profile("service", emulator, "ClientCredentials", secret=emulator["clientSecret"])
    return lambda *options, **variables: entratool(
        "get-token", "-p", "service", "--silent", "--no-cache", *options, **variables
    )


@pytest.fixture
def host(emulator):
    """The authority as a proxy sees it."""
    return emulator["authority"].removeprefix("https://")


@pytest.fixture
def requests(emulator):
    """How many requests the authority got since the test began."""
    before = len(server.recorded(emulator))
    return lambda: len(server.recorded(emulator)) - before


@pytest.fixture(scope="module", params=["tinyproxy", "squid"])
def proxy(request, tmp_path_factory):
    """An HTTP proxy that wants a password."""
    start = {
        "tinyproxy": lambda: proxies.tinyproxy(tmp_path_factory.mktemp("tinyproxy")),
        "squid": proxies.squid,
    }
    with start[request.param]() as running:
        yield running


@pytest.fixture(scope="module")
def socks(tmp_path_factory):
    """A SOCKS5 server that wants a password."""
    with proxies.microsocks(tmp_path_factory.mktemp("socks")) as running:
        yield running


@pytest.fixture(scope="module")
def inspecting(emulator, tmp_path_factory):
    """A proxy that inspects TLS, and the certificate of its authority."""
    folder = tmp_path_factory.mktemp("mitmproxy")
    with proxies.mitmproxy(folder, emulator["caBundle"]) as running:
        yield running, folder / "mitmproxy-ca-cert.pem"


def refused(run, address, host, why):
    """No client got through, and the password appears in no output."""
    assert run.returncode == 6, run.stderr
    assert f"the proxy {address} did not let us through to {host}: {why}" in run.stderr
    assert "check HTTPS_PROXY and NO_PROXY" in run.stderr
    assert "C4n4ry" not in run.stderr
    assert run.stdout == ""


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_is_used(service, emulator, proxy, host, variable):
    before = proxy.read().count(f"CONNECT {host}")
    run = service(**{variable: proxy.url()})
    assert run.returncode == 0, run.stderr
    assert claims(emulator, run.stdout.strip())["appid"] == emulator["clientId"]
    assert proxy.read().count(f"CONNECT {host}") == before + 1


def test_tls_to_a_proxy_is_not_tls_to_the_authority(service, emulator, host, tls):
    # TLS in TLS: who trusts a proxy with a password has not trusted it with a secret.
    with secure_proxy(tls) as proxy:
        run = service(HTTPS_PROXY=proxy.url, SSL_CERT_FILE=str(tls.authority))
    assert run.returncode == 0, run.stderr
    assert proxy.asked == [f"CONNECT {host} HTTP/1.1"]
    handshake = b"\x16\x03"
    assert proxy.seen.startswith(handshake)
    assert b"POST" not in proxy.seen and emulator["clientSecret"].encode() not in proxy.seen


def test_a_proxy_sees_no_secret(service, emulator, proxy):
    token = service(HTTPS_PROXY=proxy.url()).stdout.strip()
    assert token not in proxy.read()
    assert emulator["clientSecret"] not in proxy.read()


@pytest.mark.parametrize("wrong", ["http://127.0.0.1", "http://alice:no-C4n4ry@127.0.0.1"])
def test_a_wrong_proxy_password_is_sent_once(service, proxy, host, requests, wrong):
    port = proxy.address.split(":")[1]
    before = proxy.read().count(f"CONNECT {host}")
    run = service("-vv", HTTPS_PROXY=f"{wrong}:{port}")
    refused(run, proxy.address, host, "it wants a user name and a password, or other ones (status 40")
    assert requests() == 0
    assert proxy.read().count(f"CONNECT {host}") == before + 1


@pytest.mark.parametrize("exception", ["localhost", "*", ".test, localhost:{port}", "LOCALHOST"])
def test_no_proxy_is_honoured(service, proxy, host, exception):
    before = proxy.read()
    port = host.split(":")[1]
    run = service(HTTPS_PROXY=proxy.url(), NO_PROXY=exception.format(port=port))
    assert run.returncode == 0, run.stderr
    assert proxy.read() == before


@pytest.mark.parametrize("exception", ["local", "localhost:1", "127.0.0.1"])
def test_no_proxy_is_not_stretched(service, proxy, host, exception):
    before = proxy.read().count(f"CONNECT {host}")
    run = service(HTTPS_PROXY=proxy.url(), NO_PROXY=exception)
    assert run.returncode == 0, run.stderr
    assert proxy.read().count(f"CONNECT {host}") == before + 1


def test_a_proxy_for_plain_http_is_not_for_https(service, proxy):
    before = proxy.read()
    assert service(HTTP_PROXY=proxy.url(), http_proxy=proxy.url()).returncode == 0
    assert proxy.read() == before


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_server_is_used(service, socks, scheme):
    before = socks.read().count(": connected to ")
    run = service(ALL_PROXY=socks.url(scheme))
    assert run.returncode == 0, run.stderr
    assert socks.read().count(": connected to ") == before + 1


def test_a_socks_server_that_wants_another_password_is_named(service, socks, host, requests):
    run = service(HTTPS_PROXY=socks.url("socks5", password="no-C4n4ry"))
    refused(run, socks.address, host, "")
    assert requests() == 0


def test_a_proxy_that_inspects_tls_is_named_and_gets_nothing(service, inspecting, host, requests):
    proxy, _ = inspecting
    run = service(HTTPS_PROXY=f"http://{proxy.address}")
    assert run.returncode == 6
    assert f"the certificate of {host} is not trusted" in run.stderr
    assert "issued by `O=mitmproxy,CN=mitmproxy`" in run.stderr
    assert "entratool config edit -p service --ca-bundle FILE" in run.stderr
    assert requests() == 0


def test_a_proxy_that_inspects_tls_can_be_trusted(service, entratool, inspecting):
    proxy, authority = inspecting
    through = {"HTTPS_PROXY": f"http://{proxy.address}"}
    for trust in (
        service("--ca-bundle", authority, **through),
        service(SSL_CERT_FILE=str(authority), **through),
    ):
        assert trust.returncode == 0, trust.stderr
    entratool.succeed("config", "edit", "-p", "service", "--ca-bundle", authority)
    assert service(**through).returncode == 0


def test_a_whole_sign_in_goes_through_a_proxy(entratool, emulator, proxy, host):
    entratool.create_profile("user", emulator, "DeviceCode")
    server.control(emulator, "PATCH", "settings", {"autoApprove": True, "deviceInterval": 1})
    try:
        before = proxy.read().count(f"CONNECT {host}")
        entratool.succeed("get-token", "-p", "user", "--silent", HTTPS_PROXY=proxy.url())
        entratool.succeed("refresh", "-p", "user", "--silent", HTTPS_PROXY=proxy.url())
        assert proxy.read().count(f"CONNECT {host}") == before + 2, "one connection each"
    finally:
        server.control(emulator, "PATCH", "settings", {"autoApprove": False, "deviceInterval": 5})
