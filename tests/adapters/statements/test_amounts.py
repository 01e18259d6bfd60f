"""Amounts of a file: the usual form is read as any other, only sooner."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.amounts import (
    AMBIGUOUS,
    TOO_LONG,
    DecimalMark,
    parse_amount,
    usual_amount,
)

POINT, COMMA, UNKNOWN = DecimalMark.POINT, DecimalMark.COMMA, DecimalMark.UNKNOWN
FIGURES = st.integers(0, 10**9).map(str)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("-1,234.50", POINT, Decimal("-1234.50")),
        ("-1.234,50", COMMA, Decimal("-1234.50")),
        ("1,234", POINT, Decimal(1234)),
        ("1,234", COMMA, Decimal("1.234")),
        ("1,234", UNKNOWN, AMBIGUOUS),
        # Nobody groups after a zero: these are unambiguous, whatever the file shows.
        ("0,123", POINT, Decimal("0.123")),
        ("0.123", COMMA, Decimal("0.123")),
        ("-0.00", POINT, Decimal(0)),
        ("12,34,56.7", POINT, "the amount is not a number"),
        ("1" * 19, POINT, TOO_LONG),
        ("0." + "1" * 11, POINT, TOO_LONG),
        ("1,50,000.00", POINT, Decimal("150000.00")),
        ("-12,34,56,789", POINT, Decimal(-123456789)),
    ],
)
def test_are_read_with_the_decimal_mark_of_the_file(
    text: str, mark: DecimalMark, expected: Decimal | str
) -> None:
    assert str(parse_amount(text, mark)) == str(expected)


@given(
    st.sampled_from(["", "-"]),
    st.lists(FIGURES, min_size=1, max_size=3).map(",".join),
    st.sampled_from(["", ".", ".5", ".50", ".500"]),
    st.booleans(),
)
def test_the_common_notation_reads_like_any_other(
    sign: str, whole: str, decimals: str, turned: bool
) -> None:
    text = (sign + whole + decimals).translate({44: 46, 46: 44} if turned else {})

    for mark in DecimalMark:
        soon = usual_amount(text, mark)

        # A plus sign makes it unusual, and means nothing else.
        assert soon is None or str(soon) == str(_the_long_way(text, mark))


def _the_long_way(text: str, mark: DecimalMark) -> Decimal | str:
    unusual = f"+{text}" if text[0] != "-" else text.replace("-", "- ")
    assert usual_amount(unusual, mark) is None
    return parse_amount(unusual, mark)
