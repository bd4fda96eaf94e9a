"""Every console block of the README and the book does what it shows, in a world where the tenant is the emulator."""

import base64
import json
import os
import re
import ssl
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from server import running

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# Before a block that cannot be run here: says why, for readers of the page's source.
NOT_RUN = re.compile(r"<!-- not run: \S.* -->")

# What the pages call the application and the tenant that a reader has.
CLIENT = "11111111-2222-4333-8444-555555555555"
TENANT = "contoso.onmicrosoft.com"

# The application that knows certificates, as `entratool emulator --help` documents it.
CERTIFICATE_CLIENT = "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492"

# The emulator that a reader starts in another terminal, at its usual port.
STARTED = "entratool emulator start"
USUAL_AUTHORITY = "https://localhost:8443"

# Names the authority of a new profile, where the pages mean the usual one.
COMMAND = """#!/bin/bash
case "$1 $2" in
  'config create')
    [[ "$*" == *--authority* ]] || set -- "$@" --authority '{authority}' --ca-bundle '{bundle}'
    exec '{binary}' "$@" --overwrite ;;
  *) exec '{binary}' "$@" ;;
esac
"""

# Stands for the APIs that a token is for: they answer requests that have one, as an argument or through `-H @-`. The emulator
# answers for itself.
API = r"""#!/bin/bash
[[ "$*" == *https://localhost:* ]] && exec "$(type -aP curl | tail -n 1)" "$@"
case "$*" in *'@-'*) read -r header ;; *) header="$*" ;; esac
[[ $header =~ Authorization:\ Bearer\ eyJ[A-Za-z0-9_.-]+ ]] && echo '{"value":[]}' && exit
echo "no token in: $header" >&2
exit 22
"""


@dataclass(frozen=True)
class Block:
    """A fenced block: the line where it begins, its language and its text."""

    line: int
    language: str
    text: str

    def steps(self) -> list[tuple[str, str]]:
        """Each command with the output that is shown for it; a script is one command, and shows none."""
        if self.language == "bash":
            return [(self.text, "")]
        steps: list[tuple[str, str]] = []
        for line in self.text.replace("\\\n", "").splitlines(keepends=True):
            if line.startswith("$ "):
                steps.append((line[2:], ""))
            else:
                command, shown = steps.pop()
                steps.append((command, shown + line))
        return steps


def blocks(page: Path) -> list[Block]:
    """The blocks that a shell can run."""
    found = []
    lines = page.read_text().splitlines()
    start = None
    for number, line in enumerate(lines):
        if start is None and line.startswith("```"):
            start = number
        elif start is not None and line == "```":
            language = lines[start][3:]
            before = next((line for line in reversed(lines[:start]) if line), "")
            if language in ("console", "bash") and not NOT_RUN.fullmatch(before):
                text = "\n".join(lines[start + 1 : number]) + "\n"
                found.append(Block(start + 1, language, text))
            start = None
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(world, page):
    """Runs the blocks of a page from top to bottom, as a reader does."""
    for block in blocks(page):
        for command, shown in block.steps():
            result = world(command)
            report = f"line {block.line}: {command}exit {result.returncode}\n{result.stdout}\n--- stderr\n{result.stderr}"
            assert result.returncode == 0, report
            assert not shown or matches(shown, result), report


def matches(shown: str, result) -> bool:
    """Whether output is what is `shown`, in which `…` stands for anything; standard error comes first, as at a terminal."""
    pattern = re.escape(shown.rstrip("\n")).replace("…", r"[\s\S]*")
    return re.fullmatch(pattern, (result.stderr + result.stdout).rstrip("\n")) is not None


@pytest.fixture
def world(entratool, binary, tenant):
    """Runs a command line in a home that has the profiles and files that the pages speak of."""
    entratool.create_profile("graph-sp", tenant, "ClientCredentials", secret=tenant["clientSecret"])
    entratool.create_profile("me", tenant, "InteractiveBrowser", scope="User.Read Mail.Read")
    home = entratool.home
    (home / "secret.txt").write_text(tenant["clientSecret"])
    programs = home / "bin"
    programs.mkdir()
    names = {"binary": binary, "authority": tenant["authority"], "bundle": tenant["caBundle"]}
    for name, script in {"entratool": COMMAND.format(**names), "curl": API}.items():
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    variables = {
        "PATH": f"{programs}:{entratool.environment['PATH']}",
        "SSL_CERT_FILE": tenant["caBundle"],
        "AZURE_AUTHORITY_HOST": tenant["authority"],
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": tenant["authority"],
        "TOKEN": entratool.succeed("get-token", "-p", "graph-sp", "--silent").strip(),
        "SECRET_OF_THE_PIPELINE": tenant["clientSecret"],
    }

    terminals = ExitStack()
    place = {USUAL_AUTHORITY: USUAL_AUTHORITY}

    def run(command: str):
        if command.startswith("cargo run "):
            return in_the_clone(command)
        if command.startswith(STARTED):
            said, place[USUAL_AUTHORITY] = terminals.enter_context(in_another_terminal(entratool, command))
            return said
        command = command.replace(USUAL_AUTHORITY, place[USUAL_AUTHORITY])
        result = entratool.bash(as_the_reader(command, tenant), **variables)
        for certificate in home.glob("*.cer"):
            upload(certificate, tenant)
        return result

    with terminals:
        yield run


@contextmanager
def in_another_terminal(entratool, command: str):
    """An emulator at any free port: what it prints, as if it were the usual port, and its authority."""
    options = command.split()[1:]
    with entratool.start(*options, "--port", "0") as running:
        said = running.read_until("Listening until Ctrl-C...\n")
        authority = re.search(r"^Authority: (.*)$", said, re.MULTILINE)[1]
        said = said.replace(authority, USUAL_AUTHORITY)
        yield subprocess.CompletedProcess(command, 0, "", said), authority


def as_the_reader(command: str, tenant: dict) -> str:
    """The command line with an application and a tenant that exist, in the place of the page's."""
    applications = {"cert-profile": CERTIFICATE_CLIENT, "--name me": tenant["publicClientId"]}
    ours = next((ours for sign, ours in applications.items() if sign in command), tenant["clientId"])
    return command.replace(CLIENT, ours).replace(TENANT, tenant["tenantId"])


def in_the_clone(command: str):
    """Runs cargo, which needs the toolchain of the account that runs this suite."""
    return subprocess.run(command, shell=True, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=900)


def upload(certificate: Path, tenant: dict) -> None:
    """Does what the reader does in the portal."""
    text = base64.b64encode(certificate.read_bytes()).decode()
    body = json.dumps({"clientId": CERTIFICATE_CLIENT, "certificate": text}).encode()
    headers = {"content-type": "application/json"}
    request = Request(f"{tenant['authority']}/__emulator/certificates", body, headers, method="POST")
    urlopen(request, context=ssl.create_default_context(cafile=tenant["caBundle"])).close()


@pytest.fixture(scope="session")
def tenant(binary, tmp_path_factory):
    """An emulator in which everybody signs in and consents at once."""
    home = tmp_path_factory.mktemp("tenant")
    command = [binary, "emulator", "start", "--port", "0", "--json", "--auto-approve"]
    with running(command, home) as ready:
        yield ready
