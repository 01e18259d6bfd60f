"""The walk-through is true: its changes apply to the present code, and the result works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

PAGE = (ROOT / "docs/walkthrough-account-note.md").read_text(encoding="utf-8")

CHANGE = re.compile(r"^`([\w/.-]+)`:\n\n```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEW_FILE = re.compile(r"^`([\w/.-]+)` \(new\):\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COUNT = re.compile(r"It touches (\w+) files of the product")
NUMBERS = {"four": 4, "five": 5, "six": 6, "seven": 7}
#: What `make baseline` writes: the page names it, and does not quote it.
GENERATED = {"adapters/audit/schema_baseline.txt"}
PRODUCT = ("adapters/", "dashtam/", "domain/")
COPIED = ("adapters", "dashtam", "docs", "domain", "examples", "tests")

# The new field from the request to the feed, the contract of the port, and the general rules.
TRIED = (
    "tests/api/test_account_note.py",
    "tests/adapters/persistence/test_keys.py",
    "tests/application/test_fakes.py::TestAccounts",
    "tests/adapters/persistence/test_repositories.py::TestAccounts",
    *("tests/architecture/test_actions.py", "tests/architecture/test_pinned_names.py"),
    *("tests/architecture/test_urls.py", "tests/architecture/test_wiring.py"),
    "tests/architecture/test_docs.py::TestTheReferences",
)


def sides(hunk: str) -> tuple[list[str], list[str]]:
    """Return the lines that a hunk expects and their replacement; blank ones are both."""
    lines = hunk.strip("\n").split("\n")
    old = [line[1:] for line in lines if not line.startswith("+")]
    return old, [line[1:] for line in lines if not line.startswith("-")]


def changed(text: str, change: str) -> str:
    """Apply the hunks of a change; the lines that each expects occur exactly once."""
    lines = text.split("\n")
    for old, new in map(sides, change.split("@@\n")):
        size = len(old)
        found = [at for at in range(len(lines)) if lines[at : at + size] == old]
        assert len(found) == 1, f"These lines are there {len(found)} times: {old}"
        lines[found[0] : found[0] + size] = new
    return "\n".join(lines)


def apply_to(root: Path) -> None:
    """Make all changes of the page below a directory."""
    for name, change in CHANGE.findall(PAGE):
        path = root / name
        path.write_text(changed(path.read_text(encoding="utf-8"), change), encoding="utf-8")
    for name, text in NEW_FILE.findall(PAGE):
        assert not (root / name).exists()
        (root / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("name", "change"), CHANGE.findall(PAGE))
def test_every_quotation_is_in_its_file(name: str, change: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert changed(text, change) != text


def test_the_number_of_files_is_right() -> None:
    touched = {name for name, _ in (*CHANGE.findall(PAGE), *NEW_FILE.findall(PAGE))} | GENERATED
    (count,) = COUNT.findall(PAGE)

    assert len([name for name in touched if name.startswith(PRODUCT)]) == NUMBERS[count]
    # Every block is one of a file: none is left out.
    assert PAGE.count("```") == 2 * len(touched - GENERATED)


def test_a_missing_line_is_detected() -> None:
    with pytest.raises(AssertionError, match="there 0 times"):
        changed("a = 1\n", " a = 2\n+b = 3\n")
    with pytest.raises(AssertionError, match="there 2 times"):
        changed("a = 1\na = 1\n", " a = 1\n+b = 3\n")
    assert changed("a = 1\nc = 3\n", " a = 1\n+b = 2\n@@\n-c = 3\n") == "a = 1\nb = 2\n"


@pytest.mark.slow
def test_the_change_works(tmp_path: Path) -> None:
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "README.md", "manage.py", "setup.cfg"):
        shutil.copy(ROOT / name, tmp_path)
    apply_to(tmp_path)

    tests = [sys.executable, "-m", "pytest", "-q", "--show-capture=no", *TRIED]
    # It starts a server of its own: this run's may have a database of the same name.
    environment = {
        name: value
        for name, value in os.environ.items()
        if "PYTEST" not in name and name != "DATABASE_URL"
    }
    done = subprocess.run(
        tests, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
