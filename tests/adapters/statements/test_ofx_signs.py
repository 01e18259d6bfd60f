"""OFX whose debits have no minus."""

from collections.abc import Sequence

import pytest

from domain.ledger.hints import ReadingHints
from domain.ledger.questions import Asked
from tests.adapters.statements.ofx_reading import questions, read
from tests.statements import ofx, statement


def file(*rows: tuple[str, str]) -> bytes:
    """Return a file with a row for each type and amount."""
    return ofx(
        statement(
            *(
                f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>20260301<TRNAMT>{amount}<FITID>F{number}"
                f"<NAME>Shop {number}</STMTTRN>"
                for number, (kind, amount) in enumerate(rows)
            )
        )
    )


def amounts(content: bytes, *, positive: bool | None) -> Sequence[str]:
    (only,) = read(content, ReadingHints(charges_positive=positive)).statements
    return [f"{row.amount.amount}" for row in only.rows]


TURNED = file(("DEBIT", "12.50"), ("FEE", "1.00"), ("OTHER", "3.00"), ("CREDIT", "-100.00"))
UNSIGNED = file(("DEBIT", "12.50"), ("FEE", "1.00"), ("OTHER", "3.00"), ("CREDIT", "100.00"))


@pytest.mark.parametrize("content", [TURNED, UNSIGNED, file(("debit", "12.50"))])
def test_is_asked_about(content: bytes) -> None:
    (question,) = questions(content)

    assert (question.field, question.suggestion) == (Asked.CHARGES_POSITIVE, "true")
    assert "Shop 0 · 12.50" in question.examples[0]


def test_is_turned_round_as_a_whole_if_credits_have_one() -> None:
    assert amounts(TURNED, positive=True) == ["-12.50", "-1.00", "-3.00", "100.00"]
    assert amounts(TURNED, positive=False) == ["12.50", "1.00", "3.00", "-100.00"]


def test_is_signed_by_type_if_nothing_has_one() -> None:
    assert amounts(UNSIGNED, positive=True) == ["-12.50", "-1.00", "3.00", "100.00"]


@pytest.mark.parametrize(
    "rows",
    [
        [("DEBIT", "12.50"), ("DEBIT", "-1.00")],
        [("DEBIT", "0"), ("CREDIT", "1.00")],
        [("CHECK", "12.50"), ("ATM", "1.00"), ("CREDIT", "-1.00")],
    ],
)
def test_is_no_question_otherwise_and_no_answer(rows: Sequence[tuple[str, str]]) -> None:
    for positive in (None, True, False):
        assert amounts(file(*rows), positive=positive) == [amount for _, amount in rows]


def test_counts_by_statement() -> None:
    both = TURNED.replace(b"</OFX>", b"") + file(("DEBIT", "-5.00")).partition(b"<OFX>")[2]

    assert [each.field for each in questions(both)] == [Asked.CHARGES_POSITIVE]
    first, second = read(both, ReadingHints(charges_positive=True)).statements
    assert [str(each.rows[0].amount.amount) for each in (first, second)] == ["-12.50", "-5.00"]


def balances(content: bytes, *, positive: bool) -> Sequence[str]:
    (only,) = read(content, ReadingHints(charges_positive=positive)).statements
    return [f"{each.money.amount}" for each in only.balances]


def card(content: bytes, stated: str, kind: bytes = b"") -> bytes:
    """Return a file as that of a card, with another balance and what is available beside it."""
    available = "</LEDGERBAL><AVAILBAL><BALAMT>900.00<DTASOF>20260331</AVAILBAL>"
    content = content.replace(b"STMTRS>", b"CCSTMTRS>").replace(b"<ACCTTYPE>CHECKING", kind)
    content = content.replace(b"100.00<DTASOF>", f"{stated}<DTASOF>".encode())
    return content.replace(b"</LEDGERBAL>", available.encode())


class TestBalanceBesidePositiveCharges:
    @pytest.mark.parametrize("kind", [b"", b"<ACCTTYPE>CREDITLINE"])
    @pytest.mark.parametrize("content", [TURNED, UNSIGNED])
    def test_of_a_card_is_owed(self, content: bytes, kind: bytes) -> None:
        assert balances(card(content, "62.50", kind), positive=True) == ["-62.50", "900.00"]
        assert balances(card(content, "62.50", kind), positive=False) == ["62.50", "900.00"]

    def test_to_which_the_rows_lead_is_as_it_is(self) -> None:
        assert balances(card(TURNED, "83.50"), positive=True) == ["83.50", "900.00"]
        assert balances(card(TURNED, "-83.50"), positive=True) == ["83.50", "900.00"]

    def test_of_another_account_is_as_it_is(self) -> None:
        assert balances(TURNED, positive=True) == ["100.00"]

    def test_of_a_card_whose_debits_have_a_minus_is_as_it_is(self) -> None:
        signed = card(file(("DEBIT", "-12.50")), "-62.50")

        assert balances(signed, positive=True) == ["-62.50", "900.00"]
