"""Statements that come in pages (SWIFT field 28C: statement and page)."""

import pytest

from adapters.statements.mt940 import Mt940Reader
from domain.ledger.hints import ReadingHints
from domain.ledger.values import Reconciliation, Statement
from domain.shared.result import Success

FEE = ":61:2603130313D1,00NCHGNONREF\n:86:Fee\n"


def page(number: str, opens: str, closes: str, day: str = "260313") -> str:
    """Return a page with a fee; each balance is its tag and its amount."""
    (opening, before), (closing, after) = opens.split(), closes.split()
    return (
        f":20:STARTUMS\n:25:50010517/5414367241\n:28C:{number}\n"
        f":{opening}:C{day}EUR{before},00\n{FEE}:{closing}:C{day}EUR{after},00\n-\n"
    )


FIRST = page("12/1", "60F 100", "62M 99")
SECOND = page("12/2", "60M 99", "62M 98")
LAST = page("12/3", "60M 98", "62F 97")


def read(*pages: str) -> list[Statement]:
    result = Mt940Reader().read("".join(pages).encode(), ReadingHints())
    assert isinstance(result, Success)
    return list(result.value.statements)


@pytest.mark.parametrize("pages", [[FIRST, SECOND, LAST], [FIRST, SECOND], [SECOND, LAST]])
def test_that_follow_are_one_statement(pages: list[str]) -> None:
    (whole,) = read(*pages)

    assert (len(whole.rows), whole.reconciliation) == (len(pages), Reconciliation.BALANCED)
    assert [row.line for row in whole.rows] == [5 + 8 * n for n in range(len(pages))]
    assert whole.number == "12"


def test_open_with_the_first_and_close_with_the_last_balance() -> None:
    (whole,) = read(FIRST, SECOND, LAST + ":64:C260313EUR50,00\n")

    assert {each.kind.value: each.money.digits for each in whole.balances} == {
        "opening": "100.00",
        "booked": "97.00",
        "available": "50.00",
    }


@pytest.mark.parametrize("single", [FIRST, SECOND, LAST])
def test_alone_are_statements_with_numbers_of_their_own(single: str) -> None:
    (only,) = read(single)

    assert (len(only.rows), only.reconciliation) == (1, Reconciliation.BALANCED)
    assert only.number in single


def test_of_one_day_need_no_mark_that_they_go_on() -> None:
    pages = page("12/1", "60F 100", "62F 99"), page("12/2", "60F 99", "62F 98")

    assert [len(each.rows) for each in read(*pages)] == [2]


@pytest.mark.parametrize(
    "other",
    [
        page("12/2", "60M 98", "62F 97"),
        page("12/3", "60M 99", "62F 98"),
        page("12/1", "60M 99", "62F 98"),
        page("13/2", "60M 99", "62F 98"),
        page("12", "60M 99", "62F 98"),
        SECOND.replace("5414367241", "5414367242"),
        SECOND.replace("60M:C260313EUR99,00", "60M:much"),
    ],
    ids=["balance", "page", "same page", "statement", "no page", "account", "no balance"],
)
def test_that_do_not_follow_are_statements_of_their_own(other: str) -> None:
    assert [len(each.rows) for each in read(FIRST, other)] == [1, 1]


def test_of_several_days_with_final_balances_are_statements() -> None:
    """Some banks count the statements of a year as pages of one."""
    days = page("1/1", "60F 100", "62F 99"), page("1/2", "60F 99", "62F 98", day="260314")

    assert [each.number for each in read(*days)] == ["1/1", "1/2"]


def test_of_many_are_joined_in_time() -> None:
    pages = [page(f"1/{n}", f"60M {5000 - n}", f"62M {4999 - n}") for n in range(1, 2000)]

    (whole,) = read(*pages)

    assert (len(whole.rows), whole.reconciliation) == (1999, Reconciliation.BALANCED)
