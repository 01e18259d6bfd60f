"""What is stored of a refusal has no values of the file."""

import pytest

from domain.ledger.errors import Refusal, UnreadableStatement


@pytest.mark.parametrize(
    ("detail", "stored"),
    [
        ("The file is empty.", "The file is empty."),
        ("The date “Ada” is unknown.", "The date “…” is unknown."),
        ("“Ada” and “12.50” differ.", "“…” differ."),
        # Values have quotation marks, too, and may be cut.
        ("The text “call “Ada” now” is long.", "The text “…” is long."),
        ("The text “Ada and", "The text “…”"),
        ("“" * 100_000, "“…”"),
    ],
)
def test_values_are_left_out(detail: str, stored: str) -> None:
    assert Refusal.of(UnreadableStatement(detail)).detail == stored
