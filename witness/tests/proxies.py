"""Proxies by other people, each on a free port of the loopback and ended by its own handle."""

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from command import environment
from server import free_port

USER, PASSWORD = "alice", "pass-w0rd.C4n4ry"


@dataclass(frozen=True)
class Proxy:
    """A running proxy: where it listens, and what it has written down."""

    address: str
    log: Path

    def url(self, scheme: str = "http", user: str = USER, password: str = PASSWORD) -> str:
        """What goes into a variable."""
        return f"{scheme}://{user}:{password}@{self.address}"

    def read(self) -> str:
        """What the proxy has written down so far."""
        return self.log.read_text()


@contextmanager
def tinyproxy(folder: Path):
    """tinyproxy, which refuses clients without the password."""
    port = free_port()
    settings = folder / "tinyproxy.conf"
    settings.write_text(
        f"Port {port}\nListen 127.0.0.1\nBasicAuth {USER} {PASSWORD}\n"
        f'LogFile "{folder / "log"}"\nLogLevel Connect\nMaxClients 20\nTimeout 60\n'
    )
    with _running(["tinyproxy", "-d", "-c", settings], port, folder) as proxy:
        yield proxy


@contextmanager
def squid():
    """squid, which refuses clients without the password."""
    port = free_port()
    with TemporaryDirectory() as name:
        folder = Path(name)
        # Started by root, squid gives up root's rights, and has to read and write here all the same.
        folder.chmod(0o777 if os.geteuid() == 0 else 0o700)
        settings, passwords = folder / "squid.conf", folder / "passwords"
        hashed = subprocess.check_output(["openssl", "passwd", "-apr1", PASSWORD], text=True)
        passwords.write_text(f"{USER}:{hashed}")
        settings.write_text(
            f"http_port 127.0.0.1:{port}\n"
            f"auth_param basic program /usr/lib/squid/basic_ncsa_auth {passwords}\n"
            "acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all\n"
            f"access_log stdio:{folder / 'log'}\ncache_log {folder / 'cache.log'}\ncache deny all\n"
            "pid_filename none\nnetdb_filename none\nshutdown_lifetime 0 seconds\n"
        )
        (folder / "log").touch()
        (folder / "log").chmod(0o666)
        # Under a name of its own, it shares no memory with other squids.
        with _running(["squid", "-N", "-n", f"witness{port}", "-f", settings], port, folder) as proxy:
            yield proxy


@contextmanager
def microsocks(folder: Path):
    """microsocks, a SOCKS5 server that refuses clients without the password."""
    port = free_port()
    command = ["microsocks", "-i", "127.0.0.1", "-p", port, "-u", USER, "-P", PASSWORD]
    with _running(command, port, folder) as proxy:
        yield proxy


@contextmanager
def mitmproxy(folder: Path, upstream_authority: Path):
    """mitmproxy, which inspects TLS with an authority of its own: `mitmproxy-ca-cert.pem` in `folder`."""
    port = free_port()
    command = ["mitmdump", "--listen-host", "127.0.0.1", "--listen-port", port]
    command += ["--set", f"confdir={folder}", "--set", f"ssl_verify_upstream_trusted_ca={upstream_authority}"]
    with _running(command, port, folder) as proxy:
        yield proxy


@contextmanager
def _running(command: list, port: int, folder: Path):
    log = folder / "log"
    with open(log, "a") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            env=environment(folder),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(port, process, log)
        yield Proxy(f"127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, f"{process.args[0]} ended:\n{log.read_text()}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"{process.args[0]} does not listen:\n{log.read_text()}"
            time.sleep(0.05)
