"""Running the command as a user or a script does, with next to no environment."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path


def environment(home: Path, **variables: str) -> dict[str, str]:
    """An environment that cannot override a client's own settings."""
    home.mkdir(parents=True, exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"} | variables


class Command:
    """The binary with a home folder; each call is one process."""

    def __init__(self, binary: Path, home: Path):
        self.binary = binary
        self.home = home
        self.environment = environment(home)
        self.environment["PATH"] = f"{binary.parent}:{self.environment['PATH']}"

    def __call__(self, *arguments: object, stdin: str = "", timeout: int = 60, **variables: str):
        """Runs the command with `arguments`; gives exit code and both streams as text."""
        return self._run([str(self.binary), *map(str, arguments)], stdin, timeout, variables)

    def bash(self, script: str, stdin: str = "", timeout: int = 60, **variables: str):
        """Runs `script` in bash, with the command first on the path."""
        return self._run(["bash", "-c", script], stdin, timeout, variables)

    def succeed(self, *arguments: object, **options) -> str:
        """The standard output of a run that must exit 0."""
        result = self(*arguments, **options)
        assert result.returncode == 0, f"{arguments}: exit {result.returncode}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    @contextmanager
    def start(self, *arguments: object, **variables: str):
        """Runs the command while the test goes on; ended by its handle if the test fails."""
        process = subprocess.Popen(
            [str(self.binary), *map(str, arguments)],
            env=self.environment | variables,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield Running(process)
            finally:
                process.kill()

    def create_profile(self, name: str, server: dict, flow: str, secret: str | None = None, **fields: object) -> None:
        """Makes a profile for an application of `server`; `fields` are more options, `client_id` among them."""
        client = server["clientId"] if secret else server["publicClientId"]
        options = {
            "name": name,
            "client_id": client,
            "tenant_id": server["tenantId"],
            "authority": server["authority"],
            "scope": "https://graph.microsoft.com/.default",
            "flow": flow,
        }
        if server["caBundle"]:
            options["ca_bundle"] = server["caBundle"]
        arguments = ["config", "create"]
        for option, value in (options | fields).items():
            arguments += [f"--{option.replace('_', '-')}", str(value)]
        if secret:
            arguments.append("--client-secret-stdin")
        self.succeed(*arguments, stdin=f"{secret}\n" if secret else "")

    def _run(self, arguments, stdin, timeout, variables):
        return subprocess.run(
            arguments,
            input=stdin,
            env=self.environment | variables,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=timeout,
        )


class Running:
    """The command at work: what it has said, and how it ends."""

    def __init__(self, process: subprocess.Popen):
        self.process = process
        self.said = ""

    def read_until(self, line: str) -> str:
        """Standard error up to and with `line`."""
        while not self.said.endswith(line):
            more = self.process.stderr.readline()
            assert more, f"ended with {self.process.wait()} before {line!r}:\n{self.said}"
            self.said += more
        return self.said

    def finish(self, timeout: int = 60) -> subprocess.CompletedProcess:
        """Waits for the end."""
        stdout, rest = self.process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, stdout, self.said + rest)
