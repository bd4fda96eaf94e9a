"""Packets that get lost: a network of its own, whose kernel drops packets by rule."""

import subprocess
import time
from contextlib import contextmanager

import pytest

import server

CHAIN = "table inet weather {{\n chain input {{\n type filter hook input priority 0\n {rule} drop\n }}\n}}\n"
HOSTS = "127.0.0.1 localhost\n::1 localhost\n"
START = 'ip link set lo up && mount --bind "$0" /etc/hosts && echo $$ > "$1" && shift && exec "$@"'


class Network:
    """Namespaces in which an emulator runs; they need no privileges where user namespaces are allowed."""

    def __init__(self, process_id: str, entratool):
        self.inside = ["nsenter", "--target", process_id, "--user", "--net", "--mount", "--preserve-credentials", "--"]
        self.entratool = entratool

    @contextmanager
    def dropping(self, rule: str):
        """Incoming packets that `rule` fits are dropped."""
        self._nft(CHAIN.format(rule=rule))
        try:
            yield
        finally:
            self._nft("delete table inet weather\n")

    def get_token(self, *options: str):
        """Asks the authority for a token; gives the result and how many seconds that took."""
        command = [*self.inside, "env", "-C", self.entratool.home, self.entratool.binary, "get-token", "-p", "service", "--no-cache", *options]
        start = time.monotonic()
        run = subprocess.run(
            [str(word) for word in command],
            env=self.entratool.environment,
            cwd=self.entratool.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return run, time.monotonic() - start

    def _nft(self, rules: str) -> None:
        subprocess.run([*self.inside, "nft", "-f", "-"], input=rules, text=True, check=True)


@pytest.fixture
def network(binary, entratool, tmp_path):
    """A network with an emulator, and a profile for it."""
    process_id, hosts = tmp_path / "process-id", tmp_path / "hosts"
    hosts.write_text(HOSTS)
    start = ["unshare", "--map-root-user", "--net", "--mount", "--", "sh", "-c", START, hosts, process_id]
    start += [binary, "emulator", "start", "--port", "0", "--json"]
    with server.running(start, tmp_path / "emulator") as emulator:
        entratool.create_profile("service", emulator, "ClientCredentials", secret=emulator["clientSecret"])
        network = Network(process_id.read_text().strip(), entratool)
        network.port = emulator["authority"].rsplit(":", 1)[1]
        run, _ = network.get_token()
        assert run.returncode == 0, run.stderr
        yield network


def test_a_fifth_of_all_packets_may_be_lost(network):
    with network.dropping("numgen random mod 100 < 20 counter"):
        for _ in range(5):
            run, _ = network.get_token("--timeout", "90s")
            assert run.returncode == 0, run.stderr


def test_a_black_hole_is_left_in_time(network):
    with network.dropping(f"tcp dport {network.port}"):
        run, seconds = network.get_token("--timeout", "2s")
    assert run.returncode == 6
    assert "no connection within 2 s" in run.stderr
    assert 1 < seconds < 10


def test_a_connection_that_dies_is_left_in_time(network):
    with network.dropping(f"tcp sport {network.port} meta length > 100"):
        run, seconds = network.get_token("--timeout", "2s")
    assert run.returncode == 6
    assert "no connection within 2 s" in run.stderr
    assert 1 < seconds < 10


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_a_black_hole_at_one_address_is_not_one_at_the_other(network, family):
    with network.dropping(f"meta nfproto {family} tcp dport {network.port}"):
        run, seconds = network.get_token()
    assert run.returncode == 0, run.stderr
    assert seconds < 20
