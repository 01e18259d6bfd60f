"""Documents are true: what they refer to exists."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.api.endpoints import routes
from tests.architecture.source import ROOT

DECISIONS = ROOT / "docs/decisions"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

MACHINE_PATH = re.compile(r"(?<![\w.:/-])(?:/(?:home|mnt|opt|root|tmp|Users|work)/|[A-Z]:\\)\S*")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
# A file that a page calls new does not exist yet.
FILE = re.compile(r"`((?:adapters|benchmarks|dashtam|docs|domain|tests)/[\w/.-]*\w)`(?! \(new\))")
TARGET = re.compile(r"^(?:`|\s*)make ([a-z-]+)|`make ([a-z-]+)", re.MULTILINE)
ADDRESS = re.compile(r"`(/[\w{}/-]+)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def machine_paths(text: str) -> list[str]:
    """Find absolute paths, which exist on one machine only."""
    return MACHINE_PATH.findall(text)


def anchor(heading: str) -> str:
    """Return how a link names a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def leads_somewhere(page: Path, text: str, link: str) -> bool:
    """Return whether the link's file exists, and its heading in it."""
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


def targets_in(text: str) -> set[str]:
    return {first or second for first, second in TARGET.findall(text)}


def targets_of(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def documented_endpoints(page: str) -> set[tuple[str, str]]:
    """Return each URL of a table with each of its methods."""
    rows = (line.split("|") for line in page.splitlines() if line.startswith("| `/"))
    return {
        (method.strip().lower(), address)
        for _, addresses, methods, *_ in rows
        for address in ADDRESS.findall(addresses)
        for method in methods.split(",")
    }


@pytest.fixture(params=PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def page(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


class TestDocuments:
    def test_have_no_absolute_path(self, page: Path) -> None:
        assert machine_paths(page.read_text(encoding="utf-8")) == []

    def test_have_no_dead_link(self, page: Path) -> None:
        assert dead_links(page, page.read_text(encoding="utf-8")) == []

    def test_refer_only_to_existing_files(self, page: Path) -> None:
        assert missing_files(page.read_text(encoding="utf-8")) == []

    def test_refer_only_to_existing_commands(self, page: Path) -> None:
        targets = targets_of((ROOT / "Makefile").read_text(encoding="utf-8"))

        assert targets_in(page.read_text(encoding="utf-8")) <= targets


class TestTheReferences:
    """README lists the commands, and docs/api.md the endpoints."""

    README = (ROOT / "README.md").read_text(encoding="utf-8")
    API = (ROOT / "docs/api.md").read_text(encoding="utf-8")

    def test_list_exactly_the_endpoints(self) -> None:
        there = {
            (method, "/" + re.sub(r"<str:(\w+)>", r"{\1}", re.sub(r"<uuid:\w+>", "{id}", route)))
            for route, methods in routes()
            for method in methods
        }

        found = documented_endpoints(self.API)

        # These are at the root, outside the API.
        assert found - there == {
            ("get", each) for each in ("/health/live", "/health/ready", "/metrics")
        }
        assert there - found == set()

    def test_list_all_our_commands(self) -> None:
        ours = {name for name, app in get_commands().items() if app == "dashtam"}

        elsewhere = targets_in(self.README) | {"backup", "restore"}
        assert [each for each in sorted(ours - elsewhere) if f"`{each}" not in self.README] == []


def test_the_index_of_decisions_has_every_title() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    pages = {each.name: each.read_text(encoding="utf-8") for each in DECISIONS.glob("0*.md")}

    titles = {name: text.partition("\n")[0].removeprefix("# ") for name, text in pages.items()}
    assert pages
    assert [name for name, title in titles.items() if f"* [{title}]({name})" not in index] == []


class TestTheGuardItself:
    def test_finds_the_urls_of_a_table(self) -> None:
        text = "| `/a`, `/a/{id}` | GET, PUT | see `/b` |\n| `c` | POST | no address |"

        assert documented_endpoints(text) == {
            (method, address) for method in ("get", "put") for address in ("/a", "/a/{id}")
        }

    def test_finds_an_absolute_path(self) -> None:
        text = "See /home/me/notes and C:\\notes, not /api/v1/users or https://a.example/tmp/x."

        assert machine_paths(text) == ["/home/me/notes", "C:\\notes,"]

    def test_finds_a_dead_link(self) -> None:
        text = "# One & two\n[a](Makefile) [b](gone.md) [c](#one--two) [d](#three) [e](https://x.example)"

        assert dead_links(ROOT / "page.md", text) == ["gone.md", "#three"]

    def test_finds_a_missing_file(self) -> None:
        text = "`domain/shared/result.py`, `domain/gone.py` and `domain/added.py` (new)"

        assert missing_files(text) == ["domain/gone.py"]

    def test_finds_the_commands_in_a_text(self) -> None:
        assert targets_in("    make demo\nTo make sure, `make test`.") == {"demo", "test"}
        assert targets_of("demo: stamp  ## show\n\t@make test\n") == {"demo"}
