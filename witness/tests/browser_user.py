"""A user at a real browser, as a program that opens one sees it: an executable for `$BROWSER`, and a report."""

import json
import shlex
import socket
import subprocess
from pathlib import Path

from command import environment


class BrowserUser:
    """Someone who signs in as `username` in Chromium when a program opens it."""

    def __init__(self, witness: Path, folder: Path, username: str, password: str, **settings):
        self._reports = socket.create_server(("127.0.0.1", 0))
        self._reports.settimeout(60)
        self._environment = environment(folder)
        settings |= {"username": username, "password": password, "port": self._reports.getsockname()[1]}
        self._command = ["node", str(witness / "clients/browser.mjs"), json.dumps(settings)]
        self.browser = folder / "browser"
        # As a desktop's opener does: it starts the browser, says something, and returns.
        self.browser.write_text(f'#!/bin/sh\necho "opening $1"\n{shlex.join(self._command)} "$@" >&2 &\n')
        self.browser.chmod(0o755)

    def open(self, address: str) -> None:
        """Opens `address` as the desktop's opener does."""
        subprocess.run([str(self.browser), address], env=self._environment, check=True, timeout=60)

    def visit(self, address: str, user_code: str) -> dict:
        """Opens `address` and enters the code that another device shows; gives the report."""
        subprocess.run([*self._command, address, user_code], env=self._environment, check=True, timeout=120)
        return self.report()

    def report(self) -> dict:
        """What the browser showed last; waits until it has closed."""
        connection, _ = self._reports.accept()
        with connection, connection.makefile() as file:
            report = json.load(file)
        assert "error" not in report, report
        return report
