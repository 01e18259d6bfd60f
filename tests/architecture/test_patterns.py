"""The time of every pattern is proportional to the length of a text."""

import re
from itertools import islice

import pytest

from tests.architecture.source import PRODUCT, Module, modules
from tests.lanes import LONG
from tests.patterns import Use, grows, runs_of, texts, unread_calls, uses

# Modules that do something when they are imported.
SOURCES = [each for each in modules(*PRODUCT) if not each.path.endswith("__main__.py")]
# Pairs of characters make some half a million texts.
PAIRS = 2_000

#: As they once were, and what of a statement would have made them slow.
SLOW = {
    "blanks around what may be a blank": (
        re.compile(r"\s*(\d{1,4})\s*[-/. ]\s*(\d{1,2})\s*([-/. '])\s*(\d{1,4})\s*", re.ASCII),
        "fullmatch",
    ),
    "digits before and behind a digit": (
        re.compile(r"([+-])?([\d.,]*\d[\d.,]*)([+-])?(CR|DR)?", re.ASCII),
        "fullmatch",
    ),
    "lines that are blank": (re.compile(r"^\s*!(type|account)", re.MULTILINE), "search"),
    "blanks that end nothing": (re.compile(r"\s+$"), "sub"),
    "a repeat of a repeat": (re.compile(r"(\d+)*x"), "match"),
}


def slowness(use: Use, *, pairs: bool = False) -> str:
    """Say which text makes a pattern slow, if one does."""
    for make in islice(texts(use.pattern, pairs=pairs), PAIRS if pairs else None):
        for run in runs_of(use):
            if finding := grows(run, make):
                return f"{use.where}: {finding}, as in {make(16)!r}"
    return ""


@pytest.fixture(scope="module")
def found() -> list[Use]:
    return uses(SOURCES)


def test_no_pattern_is_slow(found: list[Use]) -> None:
    assert [finding for use in found if (finding := slowness(use))] == []


@pytest.mark.skipif(not LONG, reason="pairs of characters are tried by `make faults`")
def test_no_pattern_is_slow_for_pairs(found: list[Use]) -> None:
    assert [finding for use in found if (finding := slowness(use, pairs=True))] == []


def test_every_pattern_is_tested(found: list[Use]) -> None:
    assert [call for module in SOURCES for call in unread_calls(module)] == []
    assert len(found) > 60


@pytest.mark.parametrize("case", SLOW)
def test_the_guard_finds_a_slow_pattern(case: str) -> None:
    pattern, method = SLOW[case]

    assert case in slowness(Use(case, pattern, frozenset({method})))


def test_the_guard_finds_a_pattern_compiled_in_a_function() -> None:
    text = (
        "import re\nA = re.compile('a')\ndef f(x, y):\n    re.match('b', y)\n    re.match(x, y)\n"
    )

    assert unread_calls(Module("domain/x.py", text)) == ["domain/x.py:5"]
