"""Servers that say on their first line where they are, and end when a test is done with them."""

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path

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


def _requests(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]
