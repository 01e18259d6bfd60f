"""Dates of a file: their order is detected, or asked for."""

from datetime import date

import pytest

from adapters.statements.dates import date_order, read_day
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import DateOrder
from domain.shared.result import Failure, Success

DAY, MONTH, YEAR = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, DateOrder.YEAR_FIRST


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("14/03/2569", DAY, None),
        ("03/04/2026", DAY, date(2026, 4, 3)),
        ("03/04/2026", MONTH, date(2026, 3, 4)),
        ("2026-03-04", YEAR, date(2026, 3, 4)),
        ("3.4.26", DAY, date(2026, 4, 3)),
        ("3/ 4' 1", MONTH, date(2001, 3, 4)),
        ("3/4'98", MONTH, date(2098, 3, 4)),
        ("3/4/98", MONTH, date(1998, 3, 4)),
        ("3/4/69", MONTH, date(2069, 3, 4)),
        ("31/02/2026", DAY, None),
        ("2026/03/04", DAY, None),
        ("26-03-04", YEAR, None),
        ("03/004/2026", DAY, None),
        ("yesterday", DAY, None),
        ("", DAY, None),
    ],
)
def test_a_date_is_read_in_a_given_order(
    text: str, order: DateOrder, expected: date | None
) -> None:
    assert read_day(text, order) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["13/01/2026", "02/03/2026"], DAY),
        (["01/13/2026", "02/03/2026"], MONTH),
        (["2026-01-02", "2026-03-04"], YEAR),
        (["29/12/10"], DAY),
    ],
)
def test_one_clear_date_decides_all(texts: list[str], expected: DateOrder) -> None:
    assert date_order(texts, None) == Success(expected)


def test_equal_day_and_month_decide_nothing() -> None:
    assert isinstance(date_order(["03/03/2026", "04/04/2026"], None), Success)
    assert isinstance(date_order([], None), Success)


def test_ambiguous_dates_are_asked() -> None:
    texts = ["01/02/2026", "03/04/2026"]

    assert _asked(texts, None)
    assert date_order(texts, DAY) == Success(DAY)
    assert date_order(texts, MONTH) == Success(MONTH)
    assert _asked(texts, YEAR)


def test_evidence_overrides_a_hint() -> None:
    assert date_order(["13/01/2026"], MONTH) == Success(DAY)


def test_one_invalid_date_does_not_decide() -> None:
    assert date_order(["13/01/2026", "99/99/2026", "02/03/2026"], None) == Success(DAY)


def _asked(texts: list[str], hint: DateOrder | None) -> bool:
    result = date_order(texts, hint)
    return isinstance(result, Failure) and isinstance(result.error, HintNeeded)
