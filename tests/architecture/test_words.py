"""Names say what a thing is, old words stay out, and tests replace nothing."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import PurePath

import pytest

from tests.architecture.source import EVERYTHING, ROOT, Module, modules

EMPTY_WORDS = ("Protocol", "Impl", "Handler", "Manager", "Service", "Util", "Utils", "Helper")
SUFFIX = re.compile(rf"({'|'.join(EMPTY_WORDS)})$")
#: Where the old words are gone.
PLAIN = ("domain", "dashtam", "adapters", "tests")
#: What is read as text besides: documents and SQL.
DOCUMENTS = ("README.md", "docs/**/*.md", "tests/**/*.md", "adapters/**/*.sql")
#: A decision may quote an old name where it records the renaming.
QUOTED = re.compile(r"`[^`]*`|“[^”]*”")
#: The guard's own examples.
EXAMPLES = "tests/architecture/test_words.py"

#: Verbs that meant a dozen things each. A function says insert, upsert, consume, lease, record,
#: publish, list or lock instead, so that a search finds what happens.
VAGUE_VERBS = frozenset(
    "keep take tell give hold bring see stand know kept taken told held".split()
)
#: Words that named what the trade has a name for: an email, a password policy, a ledger export.
OLD_WORDS = frozenset(
    "belonging belongings board complaint complaints custody disbelieve doom dress entrance judge"
    " judged letters movement movements occasion prover ration rations sheet sheets told turns twin"
    " unhurried untold wish".split()
)
#: Phrases of the former dialect, for docstrings, comments, messages and templates.
OLD_PHRASES = re.compile(
    r"\b(?:who(?:ever)? asks|(?:is|are|was|were) asked for|(?:tells?|told) of"
    r"|(?:brings?|brought) (?:in|back)|(?:takes?|taken|took) (?:it |them )?back"
    r"|(?:begin|begins|began|begun) anew|(?:is|are|was|were) told|let in|worth nothing"
    r"|tells? whether|the door|(?:a|the|no|first|second|three|its) letters? (?:is|was|goes|with)"
    r"|of theirs|affairs?|belongings|whose ledger it is|gives? back|given back|comes? back"
    r"|past its time|holds no longer|no more all the same)\b",
    re.IGNORECASE,
)
#: Names that have an old word for a reason: they are stored or public, or the word is meant.
ALLOWED = frozenset({"kept_session_id"})


def empty_names(module: Module) -> list[str]:
    """Find classes whose last word says nothing."""
    return [f"{module.at(c)} {c.name}" for c in module.classes() if SUFFIX.search(c.name)]


def mocks(module: Module) -> list[str]:
    """Find imports of what pretends to be something else."""
    return [
        module.at(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "mock" in re.findall(r"\w+", ast.unparse(node))
    ]


def old_names(module: Module) -> list[str]:
    """Find names of modules, classes, functions, arguments and fields with an old word."""
    return [f"{module.path}:{line} {name}" for line, name in _names(module) if _is_old(name)]


def _names(module: Module) -> Iterator[tuple[int, str]]:
    yield 0, PurePath(module.path).stem
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.lineno, node.target.id


def _is_old(name: str) -> bool:
    if name in ALLOWED:
        return False
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)
    lower = [word.lower() for word in words]
    return not VAGUE_VERBS.isdisjoint(lower[:1]) or not OLD_WORDS.isdisjoint(lower)


def old_phrases(module: Module) -> list[str]:
    """Find phrases of the former dialect in docstrings, comments and other texts."""
    return [
        f"{module.path}:{line} {found[0]}"
        for line, text in _prose(module)
        for found in OLD_PHRASES.finditer(" ".join(text.split()))
    ]


def document_phrases(path: str, text: str) -> list[str]:
    """Find phrases of the former dialect in a document or in SQL."""
    text = re.sub(r"^\s*--", "", text, flags=re.MULTILINE)
    if path.startswith("docs/decisions/"):
        text = QUOTED.sub("", text)
    return [f"{path}: {found[0]}" for found in OLD_PHRASES.finditer(" ".join(text.split()))]


def _prose(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    comments: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT:
            comments.append(token.string.lstrip("#: "))
        elif token.type != tokenize.NL and comments:
            yield token.start[0], " ".join(comments)
            comments.clear()


@pytest.fixture(scope="module")
def everything() -> list[Module]:
    return modules(*EVERYTHING)


@pytest.fixture(scope="module")
def plain() -> list[Module]:
    return [module for module in modules(*PLAIN) if module.path != EXAMPLES]


def test_no_class_ends_in_an_empty_word(everything: list[Module]) -> None:
    assert [found for module in everything for found in empty_names(module)] == []


def test_nothing_is_mocked(everything: list[Module]) -> None:
    assert [found for module in everything for found in mocks(module)] == []


def test_no_name_has_an_old_word(plain: list[Module]) -> None:
    assert [found for module in plain for found in old_names(module)] == []


def test_no_text_has_an_old_phrase(plain: list[Module]) -> None:
    assert [found for module in plain for found in old_phrases(module)] == []


def test_no_template_has_an_old_phrase() -> None:
    templates = [path for path in (ROOT / "dashtam/templates").rglob("*") if path.is_file()]
    texts = {path.name: " ".join(path.read_text(encoding="utf-8").split()) for path in templates}

    assert {
        name: found[0] for name, text in texts.items() if (found := OLD_PHRASES.search(text))
    } == {}
    assert templates, "This looks for templates where there are none any more."


@pytest.mark.parametrize("pattern", DOCUMENTS)
def test_no_document_has_an_old_phrase(pattern: str) -> None:
    paths = sorted(ROOT.glob(pattern))

    assert [
        found
        for path in paths
        for found in document_phrases(
            path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        )
    ] == []
    assert paths, "This looks for documents where there are none any more."


class TestTheGuardItself:
    def test_finds_an_empty_word(self) -> None:
        module = Module("domain/x.py", "class User: ...\nclass UserManager: ...\n")

        assert empty_names(module) == ["domain/x.py:2 UserManager"]

    @pytest.mark.parametrize(
        "text",
        ["import unittest.mock", "from unittest import mock", "from unittest.mock import patch"],
    )
    def test_finds_a_mock(self, text: str) -> None:
        assert mocks(Module("tests/x.py", text)) == ["tests/x.py:1"]

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("class ProgressBoard: ...", "ProgressBoard"),
            ("def _keep(): ...", "_keep"),
            ("async def take_all(): ...", "take_all"),
            ("def f(judge): ...", "judge"),
            ("class A:\n    movements: int", "movements"),
        ],
    )
    def test_finds_an_old_name(self, text: str, name: str) -> None:
        (found,) = old_names(Module("domain/x.py", text))

        assert found.endswith(f" {name}")

    def test_finds_the_name_of_a_module(self) -> None:
        assert old_names(Module("dashtam/entrance.py", "")) == ["dashtam/entrance.py:0 entrance"]

    def test_accepts_other_names(self) -> None:
        text = "class Holding: ...\ndef restated(kept_session_id, placed): ...\n"

        assert old_names(Module("domain/x.py", text)) == []

    @pytest.mark.parametrize(
        "text",
        [
            '"""Return whoever asks."""',
            "x = 1  # what was told of it\n",
            "# A letter that the\n# user was, and a row that comes\n# back.\nx = 1\n",
            'raise ValueError(f"The files that {x} brought in.")',
        ],
    )
    def test_finds_an_old_phrase(self, text: str) -> None:
        assert len(old_phrases(Module("domain/x.py", text))) == 1

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("docs/api.md", "The user is\ntold."),
            ("docs/api.md", "`The user is told.`"),
            ("adapters/x.sql", "-- What comes\n-- back."),
            ("docs/decisions/0001-x.md", "# 1. A letter is sent"),
        ],
    )
    def test_finds_an_old_phrase_in_a_document(self, path: str, text: str) -> None:
        assert len(document_phrases(path, text)) == 1

    def test_allows_a_decision_to_quote_an_old_name(self) -> None:
        text = "# 60. `TakeBack` is `UndoImport`\n\nWhat was “taken back” is undone."

        assert document_phrases("docs/decisions/0060-x.md", text) == []
