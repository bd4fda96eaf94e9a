"""What Tab does in real shells, with the scripts that the command prints for them."""

import json
import subprocess
from pathlib import Path

import pexpect
import pytest

CLIENT = "11111111-2222-4333-8444-555555555555"
PROFILES = ["graph-sp", "graph-user", "my.app"]

# How each shell starts without a user's settings, and loads a script.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "PS1='READY '; source {script}"),
    "fish": (["fish", "--no-config"], "function fish_prompt; echo -n 'READY '; end; source {script}"),
    "zsh": (["zsh", "-f", "-i"], "PS1='READY '; autoload -Uz compinit; compinit -u -D; source {script}"),
}

# A line up to where Tab is pressed, and what stands there afterwards.
COMPLETED = [
    ("entratool get-t", "entratool get-token"),
    ("entratool get-token --no-c", "entratool get-token --no-cache"),
    ("entratool get-token -p my", "entratool get-token -p my.app"),
    ("entratool config show graph-u", "entratool config show graph-user"),
    ("entratool refresh --profile=my", "entratool refresh --profile=my.app"),
    ("entratool get-token --flow Dev", "entratool get-token --flow DeviceCode"),
    ("entratool get-token --flow=Dev", "entratool get-token --flow=DeviceCode"),
    ("entratool -q get-token -f Int", "entratool -q get-token -f InteractiveBrowser"),
    ("entratool storage use pass", "entratool storage use passphrase"),
    ("entratool explain AADSTS9007", "entratool explain AADSTS90072"),
    ("entratool inspect -f some", "entratool inspect -f some-token.txt"),
    ("entratool certificate show --password-file=some", "entratool certificate show --password-file=some-token.txt"),
]


@pytest.fixture
def home(entratool):
    """A home folder with profiles and a file."""
    for name in PROFILES:
        entratool.succeed("config", "create", "--name", name, "--client-id", CLIENT, "--tenant-id", "contoso.com")
    (entratool.home / "some-token.txt").write_text("token\n")
    return entratool.home


@pytest.fixture
def terminal(entratool, home):
    """Starts a program at a terminal; what still runs at the end is ended by its handle."""
    started = []

    def start(*words: str) -> pexpect.spawn:
        child = pexpect.spawn(
            words[0],
            list(words[1:]),
            env=entratool.environment | {"TERM": "xterm"},
            cwd=home,
            dimensions=(50, 160),
            encoding="utf-8",
            timeout=30,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


@pytest.fixture
def shell(entratool, home, terminal):
    """Starts a shell with the command's completions loaded."""

    def start(name: str) -> pexpect.spawn:
        words, load = SHELLS[name]
        script = home / f"completions.{name}"
        script.write_text(entratool.succeed("completions", name))
        child = terminal(*words)
        child.sendline(load.format(script=script))
        child.expect("READY .*READY ")
        return child

    return start


@pytest.mark.parametrize("name", SHELLS)
def test_tab(home, shell, name):
    child = shell(name)
    for typed, wanted in COMPLETED:
        assert tab(child, home, typed) == wanted


@pytest.mark.parametrize("name", SHELLS)
def test_tab_shows_what_there_is_to_choose_from(shell, name):
    child = shell(name)
    child.send("entratool config show graph-\t")
    # bash shows them only when asked again, and zsh then chooses one.
    child.send("\t" if name == "bash" else "")
    child.expect_exact("graph-sp")
    child.expect_exact("graph-user")


@pytest.mark.parametrize("name", SHELLS)
def test_tab_without_profiles_and_with_unreadable_ones(home, shell, name):
    """Nothing is completed, and nothing is said."""
    child = shell(name)
    for content in ["[]", "{not json"]:
        (home / ".entratool/profiles.json").write_text(content)
        assert tab(child, home, "entratool refresh -p gra") == "entratool refresh -p gra"
        assert "error" not in child.before


def test_elvish(entratool, home, terminal):
    """Its Tab asks the function that the script registers, which answers here into a file."""
    (home / "completions.elv").write_text(entratool.succeed("completions", "elvish"))
    child = terminal("elvish", "-norc")
    child.send("eval (slurp <completions.elv)\r")
    for typed, wanted in COMPLETED:
        words = " ".join(repr(word) for word in typed.split(" "))
        child.send(f"$edit:completion:arg-completer[entratool] {words} | each {{|c| echo (repr $c) }} >line.txt; echo DO''NE\r")
        child.expect_exact("DONE")
        offered = (home / "line.txt").read_text()
        assert wanted.split(" ")[-1].split("=")[-1] in offered, typed


def test_nushell(entratool, home, witness):
    """It can be asked what it offers at a place in a file."""
    (program,) = witness.glob("node_modules/@nushell/*/bin/nu")
    script = home / "line.nu"
    declarations = entratool.succeed("completions", "nushell")
    for typed, wanted in COMPLETED:
        if "explain" in typed or "=" in typed or "-q" in typed:
            continue  # Its declarations know no value behind `=`, no option before a command.
        script.write_text(f"{declarations}\n{typed}")
        place = str(len(script.read_bytes()))
        offered = subprocess.run(
            [program, "--no-config-file", "--ide-complete", place, script],
            env=entratool.environment,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        (only,) = json.loads(offered.stdout)["completions"]
        assert wanted.endswith(only) and not typed.endswith(only), typed


def tab(child: pexpect.spawn, home: Path, typed: str) -> str:
    """What the line is after Tab: it becomes the arguments of `echo`."""
    child.send(f"{typed}\t")
    child.send("\x01echo \x05 >line.txt; echo DO''NE\r")
    child.expect_exact("DONE")
    return (home / "line.txt").read_text().strip()
