"""Every documented command line works in bash as it is written: pipes, substitutions and exit codes included."""

import re

import pytest

from documented_lines import LINES
from documented_scripts import EMULATOR_RUN, SCRIPTS

# Profiles that the lines name, and the scope of each.
PROFILES = {
    "my-profile": "https://graph.microsoft.com/.default",
    "myprofile": "https://graph.microsoft.com/.default",
    "graph-sp": "https://graph.microsoft.com/.default",
    "automation": "https://graph.microsoft.com/.default",
    "graph-profile": "https://graph.microsoft.com/.default",
    "azure-profile": "https://management.azure.com/.default",
    "custom-api": "api://5a91f6e8-c4d3-47b0-8e2f-90d1b7a35c6e/.default",
}

# Stands for the APIs that a token is for: they answer requests that have one.
API = r"""#!/bin/bash
for word in "$@"; do
  [[ $word =~ ^Authorization:\ Bearer\ eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$ ]] && echo '{"value":[]}' && exit
done
echo "no token in: $*" >&2
exit 22
"""


@pytest.mark.parametrize("line", LINES + SCRIPTS, ids=lambda line: line.title)
def test_documented_line(entratool, emulator, line):
    (entratool.home / "bin").mkdir()
    api = entratool.home / "bin/curl"
    api.write_text(API)
    api.chmod(0o755)
    named = [name for name in PROFILES if re.search(rf"\b{name}\b", line.script)]
    for name in named or ["myprofile"]:
        entratool.create_profile(
            name, emulator, "ClientCredentials", secret=emulator["clientSecret"], scope=PROFILES[name]
        )
    path = f"{api.parent}:{entratool.environment['PATH']}"
    check(line, entratool.bash(line.script, PATH=path))


@pytest.mark.parametrize("line", EMULATOR_RUN, ids=lambda line: line.title)
def test_emulator_run(entratool, line):
    check(line, entratool.bash(line.script))


def check(line, result):
    shown = f"exit {result.returncode}\n--- stdout\n{result.stdout}\n--- stderr\n{result.stderr}"
    assert result.returncode == line.code, shown
    assert re.fullmatch(line.stdout, result.stdout), shown
    assert line.stderr in result.stderr, shown
