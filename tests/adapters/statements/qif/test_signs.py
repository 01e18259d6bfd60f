"""QIF files whose amounts may be charges that are written without a minus."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.statements.qif import QifReader
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import TransactionKind
from domain.ledger.questions import Asked, Question
from domain.ledger.values import StatementRow
from domain.shared.result import Failure, Success

EUROS = ReadingHints(currency="EUR", account="Household")


def section(kind: str, *amounts: str) -> str:
    rows = [f"D13/03/2026\nT{amount}\nPShop\n^\n" for amount in amounts]
    return f"!Type:{kind}\n{''.join(rows)}"


def question(text: str) -> Question:
    result = QifReader().read(text.encode(), EUROS)
    assert isinstance(result, Failure), result
    assert isinstance(result.error, HintNeeded)
    (only,) = result.error.questions
    return only


def rows(text: str, *, positive: bool | None) -> Sequence[StatementRow]:
    result = QifReader().read(text.encode(), replace(EUROS, charges_positive=positive))
    assert isinstance(result, Success), result
    return [row for each in result.value.statements for row in each.rows]


def amounts(text: str, *, positive: bool | None) -> Sequence[str]:
    return [f"{row.amount.amount}" for row in rows(text, positive=positive)]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        (section("CCard", "12.50"), "true"),
        (section("CCard", "12.50", "4.00", "-100.00", "1.00"), "true"),
        (section("Bank", "12.50", "4.00", "0.00", "1.00"), None),
    ],
)
def test_are_asked_about(text: str, suggestion: str | None) -> None:
    asked = question(text)

    assert (asked.field, asked.suggestion) == (Asked.CHARGES_POSITIVE, suggestion)
    assert asked.examples[0] == "13/03/2026 · Shop · 12.50"
    first, *_ = rows(text, positive=True)
    assert (str(first.amount.amount), first.kind) == ("-12.50", TransactionKind.DEBIT)
    assert amounts(text, positive=False)[0] == "12.50"


@pytest.mark.parametrize(
    "text",
    [
        section("CCard", "-12.50", "100.00"),
        section("Bank", "12.50", "4.00"),
        section("Bank", "12.50", "4.00", "3.00", "-1.00"),
        "!Type:Invst\n" + "D13/03/2026\nNDiv\nT1.50\n^\n" * 3,
    ],
)
def test_of_others_mean_what_they_say(text: str) -> None:
    as_written = amounts(text, positive=None)

    assert as_written[0] in ("-12.50", "12.50", "1.50")
    assert amounts(text, positive=True) == amounts(text, positive=False) == as_written


def test_are_those_of_the_card_alone() -> None:
    text = section("CCard", "12.50") + section("Bank", "-3.00", "7.00", "8.00")

    assert question(text).suggestion == "true"
    assert amounts(text, positive=True) == ["-12.50", "-3.00", "7.00", "8.00"]


def test_beside_a_card_other_accounts_mean_what_they_say() -> None:
    card = f"!Account\nNMy card\nTCCard\n^\n{section('CCard', '12.50', '5.00', '7.00')}"
    savings = f"!Account\nNSavings\nTBank\n^\n{section('Bank', '100.00', '200.00', '300.00')}"

    assert amounts(card + savings, positive=True) == [
        *("-12.50", "-5.00", "-7.00"),
        *("100.00", "200.00", "300.00"),
    ]
