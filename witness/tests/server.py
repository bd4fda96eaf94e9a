"""Servers that say on their first line where they are, and end when a test is done with them."""

import json
import socket
import ssl
import subprocess
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from certificates import Certificate
from command import environment


@contextmanager
def running(command: list, home: Path, stderr=None):
    """Runs `command`, gives the JSON object of its first line, and ends it by its own handle."""
    arguments = [str(argument) for argument in command]
    process = subprocess.Popen(
        arguments,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line, f"{arguments[0]} ended with {process.wait()} before it was ready"
        yield json.loads(line)
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def provider(witness: Path, tls: Certificate, client: Certificate, folder: Path, **settings):
    """Runs oidc-provider; `settings` are those of `provider/server.mjs`."""
    log = folder / "requests.jsonl"
    log.touch()
    settings |= {
        "key": str(tls.key),
        "certificate": str(tls.certificate),
        "clientCertificate": str(client.certificate),
        "log": str(log),
    }
    command = ["node", witness / "provider/server.mjs", json.dumps(settings)]
    with open(folder / "stderr.txt", "w") as stderr, running(command, folder, stderr) as ready:
        yield ready | {"caBundle": str(tls.authority), "requests": lambda: _requests(log)}


def recorded(emulator: dict) -> list[dict]:
    """The requests that the emulator got, the oldest first, with headers and forms as dictionaries."""
    requests = control(emulator, "GET", "requests")
    return [request | {name: dict(request[name]) for name in ("headers", "query", "form")} for request in requests]


def token_requests(emulator: dict) -> list[dict]:
    """The forms that were sent to the token endpoint, the oldest first."""
    return [request["form"] for request in recorded(emulator) if request["path"].endswith("/token")]


def control(emulator: dict, method: str, what: str, body: dict | None = None):
    """Uses the emulator's control endpoints, which no client does."""
    request = urllib.request.Request(
        f"{emulator['authority']}/__emulator/{what}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
    )
    trust = ssl.create_default_context(cafile=emulator["caBundle"])
    with urllib.request.urlopen(request, context=trust, timeout=30) as response:
        answer = response.read()
    return json.loads(answer) if answer else None


def free_port() -> int:
    """A port of the loopback on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Callback(HTTPServer):
    """The redirect URI of a web application: what the authority sends a browser back with."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.timeout = 60
        self.uri = f"http://localhost:{self.server_port}"
        self.query = None

    def answer(self) -> dict[str, str]:
        """The parameters of the first request that comes."""
        self.handle_request()
        assert self.query, "no browser came"
        return dict(parse_qsl(self.query))


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.query = urlsplit(self.path).query
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        self.wfile.write(b"You can close this page.")

    def log_message(self, *_):
        pass


def _requests(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]
