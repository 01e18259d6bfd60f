"""Text has one form, which is found in time that grows with its length alone."""

import unicodedata
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.folding import MAX_MARKS, Form, comparable
from domain.shared.result import Failure, Success
from domain.shared.text import normalised

ACUTE, CEDILLA = "\u0301", "\u0327"
# These are no marks themselves, and come apart into marks of two classes.
TIBETAN = "\u0f73\u0f75\u0f81"
HALF_WIDTH = "\uff9e\uff9f"
FORMS: list[Form] = ["NFC", "NFKC", "NFKD"]
marked = st.text(
    st.sampled_from(f"aé{ACUTE}{CEDILLA}\u0344\u1fa7{TIBETAN}{HALF_WIDTH}\uac01ก\u0e48")
)


def longest_run(text: str) -> int:
    """Return the longest run of marks in the decomposed text."""
    apart = unicodedata.normalize("NFKD", text)
    runs = groupby(unicodedata.combining(character) > 0 for character in apart)
    return max((len(list(run)) for are_marks, run in runs if are_marks), default=0)


@given(st.text(max_size=200), st.sampled_from(FORMS))
def test_ordinary_text_is_normalised_as_unicode_requires(text: str, form: Form) -> None:
    expected = unicodedata.normalize(form, text)

    if longest_run(text) <= MAX_MARKS:
        assert comparable(text, form) == expected
        assert normalised(text, 200, form) == Success(expected)


@given(marked, st.integers(1, 20), st.sampled_from(FORMS))
def test_the_number_of_marks_that_are_sorted_is_bounded(text: str, times: int, form: Form) -> None:
    piled = "a" + text * times

    assert longest_run(comparable(piled, form)) <= MAX_MARKS
    refused = isinstance(normalised(piled, len(piled), form), Failure)
    assert refused == (longest_run(piled) > MAX_MARKS)


@pytest.mark.parametrize(
    "marks",
    [ACUTE, CEDILLA + ACUTE, ACUTE + CEDILLA, TIBETAN, HALF_WIDTH + TIBETAN, "\u0344\u0f73"],
)
def test_piled_up_marks_are_normalised_in_small_parts(marks: str) -> None:
    # All marks of one class before all of another are slowest to sort.
    piled = "a" + "".join(character * 5_000 for character in marks)

    assert longest_run(comparable(piled)) <= MAX_MARKS
    assert isinstance(normalised(piled, len(piled)), Failure)


def test_thirty_marks_are_accepted_and_thirty_one_are_refused() -> None:
    assert isinstance(normalised("a" + ACUTE * MAX_MARKS, 99), Success)
    assert isinstance(normalised("a" + ACUTE * (MAX_MARKS + 1), 99), Failure)
    # That of é counts too.
    assert isinstance(normalised("é" + ACUTE * MAX_MARKS, 99), Failure)


@pytest.mark.parametrize("index", [0, 29, 30, 31, 59, 60, 199])
def test_texts_that_differ_in_one_mark_stay_different(index: int) -> None:
    piled = ACUTE * 200
    other = piled[:index] + CEDILLA + piled[index + 1 :]

    assert comparable("a" + piled) != comparable("a" + other)


def test_length_is_checked_first() -> None:
    assert isinstance(normalised("x" * 10, 10), Success)
    refused = normalised("x" * 1_001, 1_000)
    assert isinstance(refused, Failure)
    assert refused.error.detail == "This text has more than 1,000 characters."
