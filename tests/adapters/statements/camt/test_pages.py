"""Statements that come in pages."""

from datetime import date

import pytest

from adapters.statements.camt import CamtReader
from domain.ledger.hints import NO_HINTS
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import Reconciliation, Statement
from domain.shared.result import Success
from tests.camt import balance, entry, message, statement

FEE = (
    "<Amt Ccy='EUR'>1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>"
    "<BookgDt><Dt>2026-03-13</Dt></BookgDt><AddtlNtryInf>Fee</AddtlNtryInf>"
)
DAY = "2026-03-13"


def page(
    number: int, opens: tuple[str, str], closes: tuple[str, str], *, last: bool = False
) -> str:
    """Return a page with a fee; balances are a code and an amount each."""
    balances = balance(*opens, day=DAY) + balance(*closes, day=DAY)
    pagination = f"<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>{str(last).lower()}</LastPgInd>"
    return statement(entry(FEE), balances=balances).replace(
        "<ElctrncSeqNb>", f"{pagination}</StmtPgntn><ElctrncSeqNb>"
    )


def read(*pages: str) -> list[Statement]:
    result = CamtReader().read(message(*pages), NO_HINTS)
    assert isinstance(result, Success)
    return list(result.value.statements)


FIRST = page(1, ("OPBD", "100"), ("ITBD", "99"))
SECOND = page(2, ("ITBD", "99"), ("ITBD", "98"))
LAST = page(3, ("ITBD", "98"), ("CLBD", "97"), last=True)


def amounts(statement: Statement) -> dict[str, str]:
    return {each.kind.value: each.money.digits for each in statement.balances}


@pytest.mark.parametrize("pages", [[FIRST, SECOND, LAST], [FIRST, SECOND], [SECOND, LAST]])
def test_that_follow_are_one_statement(pages: list[str]) -> None:
    (whole,) = read(*pages)

    assert (len(whole.rows), whole.reconciliation) == (len(pages), Reconciliation.BALANCED)
    assert (whole.number, whole.last_day) == ("7", date(2026, 3, 31))
    assert [row.line for row in whole.rows] == sorted({row.line for row in whole.rows})


def test_open_with_the_first_and_close_with_the_last_balance() -> None:
    assert amounts(read(FIRST, SECOND, LAST)[0]) == {"opening": "100.00", "booked": "97.00"}


@pytest.mark.parametrize("single", [FIRST, SECOND, LAST])
def test_alone_are_statements_with_balances_of_their_own(single: str) -> None:
    (only,) = read(single)

    assert (len(only.rows), only.reconciliation) == (1, Reconciliation.BALANCED)


def test_may_repeat_the_balances_of_the_whole() -> None:
    bounds = ("OPBD", "100"), ("CLBD", "98")

    (whole,) = read(page(1, *bounds), page(2, *bounds, last=True))

    assert (len(whole.rows), whole.reconciliation) == (2, Reconciliation.BALANCED)


@pytest.mark.parametrize(("single", "number"), [(FIRST, "7/1"), (SECOND, "7/2"), (LAST, "7/3")])
def test_alone_have_a_number_of_their_own(single: str, number: str) -> None:
    assert read(single)[0].number == number


def test_of_which_there_is_only_one_have_none() -> None:
    (only,) = read(FIRST.replace("<LastPgInd>false", "<LastPgInd>true"))

    assert only.number == "7"


@pytest.mark.parametrize("last", ["true", "false"])
def test_may_be_those_of_the_message(last: str) -> None:
    pagination = f"<MsgPgntn><PgNb>2</PgNb><LastPgInd>{last}</LastPgInd></MsgPgntn>"
    content = message(statement(entry(FEE))).replace(b"</MsgId>", b"</MsgId>" + pagination.encode())

    result = CamtReader().read(content, NO_HINTS)

    assert isinstance(result, Success)
    assert [each.number for each in result.value.statements] == ["7/2"]


@pytest.mark.parametrize(
    ("number", "last", "stated"),
    [(1, False, {"opening": "100.00"}), (2, False, {}), (3, True, {"booked": "97.00"})],
)
def test_alone_do_not_have_the_balances_of_the_whole(
    number: int, last: bool, stated: dict[str, str]
) -> None:
    (only,) = read(page(number, ("OPBD", "100"), ("CLBD", "97"), last=last))

    assert (amounts(only), only.reconciliation) == (stated, Reconciliation.UNKNOWN)


def test_with_wrong_balances_of_their_own_are_unbalanced() -> None:
    (only,) = read(page(2, ("ITBD", "99"), ("ITBD", "97")))

    assert only.reconciliation is Reconciliation.UNBALANCED


def test_may_state_no_balances() -> None:
    pages = [
        f"<NtfctnPgntn><PgNb>{n}</PgNb><LastPgInd>{last}</LastPgInd></NtfctnPgntn>"
        for n, last in [(1, "false"), (2, "true")]
    ]
    elements = [
        statement(entry(FEE), element="Ntfctn").replace("<ElctrncSeqNb>", f"{each}<ElctrncSeqNb>")
        for each in pages
    ]

    assert [len(each.rows) for each in read(*elements)] == [2]


@pytest.mark.parametrize(
    "other",
    [
        page(2, ("ITBD", "99.50"), ("CLBD", "98.50")),
        page(3, ("ITBD", "99"), ("CLBD", "98")),
        SECOND.replace("<ElctrncSeqNb>7", "<ElctrncSeqNb>8"),
        SECOND.replace("DE01", "DE02"),
        SECOND.replace("<PgNb>2</PgNb>", "<PgNb>two</PgNb>"),
        SECOND.replace("<PgNb>2</PgNb>", ""),
        SECOND.replace("Stmt>", "Rpt>"),
    ],
    ids=["balance", "page", "statement", "account", "no number", "no page", "report"],
)
def test_that_do_not_follow_are_statements_of_their_own(other: str) -> None:
    assert [len(each.rows) for each in read(FIRST, other)] == [1, 1]


def test_end_with_the_last() -> None:
    last = FIRST.replace("<LastPgInd>false", "<LastPgInd>true")

    assert len(read(last, SECOND)) == 2


def test_of_a_hostile_number_are_none() -> None:
    assert len(read(FIRST, SECOND.replace("<PgNb>2<", f"<PgNb>{'9' * 5000}<"))) == 2


def test_of_many_are_joined_in_time() -> None:
    pages = [page(n, ("ITBD", str(1000 - n)), ("ITBD", str(999 - n))) for n in range(1, 500)]

    (whole,) = read(*pages)

    assert len(whole.rows) == 499
    assert whole.balance(BalanceKind.OPENING) is None
