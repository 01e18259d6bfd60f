"""The reference of all words says what the code says."""

import re

import pytest

from dashtam.reference import WORDS, errors, page
from domain.shared.errors import Invalid, NotFound
from tests.architecture.source import ROOT

REFERENCE = ROOT / "docs/reference.md"


def test_the_page_is_not_stale() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == page(), "run `make reference`"


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_every_word_has_a_meaning(kind: type) -> None:
    _, _, meanings = WORDS[kind]

    assert [*meanings] == [str(word) for word in kind]  # type: ignore[attr-defined]
    assert all(meanings.values())


def test_every_problem_is_listed() -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \| \d+ \|", page(), re.MULTILINE))

    raised = {each.code for each in errors()} - {Invalid.code, NotFound.code}
    assert raised
    assert {"account-not-found", "invalid-rate", "too-many-requests"} <= listed
    assert listed <= {each.code for each in errors()}
