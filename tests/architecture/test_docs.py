"""Documents stay true: what they point at exists."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

MACHINE_PATH = re.compile(r"(?<![\w.:/-])(?:/(?:home|mnt|opt|root|tmp|Users|work)/|[A-Z]:\\)\S*")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
FILE = re.compile(r"`((?:adapters|benchmarks|dashtam|docs|domain|tests)/[\w/.-]*\w)`")
TARGET = re.compile(r"^(?:`|\s*)make ([a-z-]+)|`make ([a-z-]+)", re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def machine_paths(text: str) -> list[str]:
    """Find paths that exist on somebody's machine alone."""
    return MACHINE_PATH.findall(text)


def anchor(heading: str) -> str:
    """Return how a link names a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def leads_somewhere(page: Path, text: str, link: str) -> bool:
    """Tell whether the link's file is there, and its heading in it."""
    name, _, fragment = link.partition("#")
    target = page.parent / name
    if not target.exists():
        return False
    linked = target.read_text(encoding="utf-8") if target.is_file() else text
    return not fragment or fragment in {anchor(each) for each in HEADING.findall(linked)}


def dead_links(page: Path, text: str) -> list[str]:
    links = (link for link in LINK.findall(text) if not ELSEWHERE.match(link))
    return [link for link in links if not leads_somewhere(page, text, link)]


def missing_files(text: str) -> list[str]:
    return [name for name in FILE.findall(text) if not (ROOT / name).exists()]


def named_targets(text: str) -> set[str]:
    return {first or second for first, second in TARGET.findall(text)}


def targets_of(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


@pytest.fixture(params=PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def page(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


class TestDocuments:
    def test_name_no_path_of_a_machine(self, page: Path) -> None:
        assert machine_paths(page.read_text(encoding="utf-8")) == []

    def test_have_no_dead_link(self, page: Path) -> None:
        assert dead_links(page, page.read_text(encoding="utf-8")) == []

    def test_name_files_that_exist(self, page: Path) -> None:
        assert missing_files(page.read_text(encoding="utf-8")) == []

    def test_name_commands_that_exist(self, page: Path) -> None:
        known = targets_of((ROOT / "Makefile").read_text(encoding="utf-8"))

        assert named_targets(page.read_text(encoding="utf-8")) <= known


class TestTheGuardItself:
    def test_sees_a_path_of_a_machine(self) -> None:
        text = "See /home/me/notes and C:\\notes, not /api/v1/users or https://a.example/tmp/x."

        assert machine_paths(text) == ["/home/me/notes", "C:\\notes,"]

    def test_sees_a_dead_link(self) -> None:
        text = "# One & two\n[a](Makefile) [b](gone.md) [c](#one--two) [d](#three) [e](https://x.example)"

        assert dead_links(ROOT / "page.md", text) == ["gone.md", "#three"]

    def test_sees_a_missing_file(self) -> None:
        assert missing_files("`domain/shared/result.py` and `domain/gone.py`") == ["domain/gone.py"]

    def test_sees_the_commands_that_are_named(self) -> None:
        assert named_targets("    make demo\nTo make sure, `make test`.") == {"demo", "test"}
        assert targets_of("demo: stamp  ## show\n\t@make test\n") == {"demo"}
