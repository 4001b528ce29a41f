import re
import subprocess
from pathlib import Path

import pytest

from owroute.settings import Settings

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")

# Written in pieces: this file is searched as well.
FORBIDDEN = [
    "pythonhost" + "ed",
    r"pyp" + r"i\.org",
    r"npmjs\." + "org",
    r"deb\.debian" + r"\.org",
    "/work" + "/",
    "/root" + "/",
    "/home" + "/",
    r"xox[bp]-\d{9,}-",
    "-----BEGIN [A-Z ]*PRIVATE" + " KEY",
]

LONGER = {
    "storage/tables.py": "the one description of the schema, a table per noun",
    "tests/forms/test_fix.py": "every Fix, read beside the one table of what each code asks for",
    "tests/engine/test_decision_table.py": "one decision table, read from top to bottom",
}
"""Python files over 300 lines, each with the reason why it is one thing."""


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  # whichever git made the checkout
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [file for file in files if file.is_file()]


def test_no_file_names_a_machine_an_index_or_a_key() -> None:
    wrong = re.compile("|".join(FORBIDDEN))
    hits = []
    for file in tracked():
        if file.suffix in {".png", ".ico"}:
            continue
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if wrong.search(line):
                hits.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert hits == []


def test_locks_pin_every_package_with_hashes_and_name_no_index() -> None:
    for name in LOCKS:
        text = (ROOT / name).read_text("utf-8")
        assert "index-url" not in text
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9][^\n]*?==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0


def test_what_runs_is_pinned_alike_for_users_and_developers() -> None:
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"^[\w.-]+==[^\s\\;]+", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        )

    everything = pins("requirements-dev.lock")
    assert pins("requirements.lock") <= everything
    assert pins("requirements-build.lock") <= everything


def test_a_python_file_is_one_screenful_of_screens() -> None:
    long = {
        str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines())
        for file in tracked()
        if file.suffix == ".py"
    }
    assert {name for name, lines in long.items() if lines > 300} == LONGER.keys()


def test_every_ignored_lint_says_why_in_words() -> None:
    ignore = re.compile(r"#\s*(noqa\b|type:\s*ignore)")
    reasoned = re.compile(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[\w, -]+\])\s+[#-] \w+\W+\w+")
    hits = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in tracked()
        if file.suffix == ".py" and file != Path(__file__)
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if ignore.search(line) and not reasoned.search(line)
    ]
    assert hits == []


def test_links_between_documents_lead_somewhere() -> None:
    link = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
    dead = [
        f"{file.relative_to(ROOT)} -> {target}"
        for file in tracked()
        if file.suffix == ".md"
        for target in link.findall(file.read_text("utf-8"))
        if not (file.parent / target).exists()
    ]
    assert dead == []


def test_the_documented_settings_are_the_ones_that_exist() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$",
        (ROOT / "docs/install.md").read_text("utf-8"),
        re.MULTILINE,
    )
    documented = {name: meaning for name, _, meaning in rows}
    assert documented == {f.alias: f.description for f in Settings.model_fields.values()}


def test_the_documented_log_events_exist_and_every_error_is_documented() -> None:
    said = re.compile(r'log\.(\w+)\(\s*"([a-z_.]+)"')
    levels = {
        event: level
        for package in ("bot", "handlers", "gateways", "owroute")
        for file in (ROOT / package).rglob("*.py")
        for level, event in said.findall(file.read_text("utf-8"))
    }
    table = (ROOT / "docs/operate.md").read_text("utf-8").partition("## When something breaks")[0]
    documented = set(re.findall(r"`([a-z]+\.[a-z_]+)`", table))
    assert documented <= levels.keys()
    assert {e for e, level in levels.items() if level in {"error", "exception"}} <= documented


def test_make_names_each_of_its_targets() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    described = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert set(phony[1].split()) == described
