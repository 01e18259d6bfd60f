"""SimpleFIN as servers answer it, in version 1 and 2, and as programs save it."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapters.statements.simplefin import SimpleFinReader
from domain.ledger.errors import HintNeeded, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.values import Statement, StatementFile, StatementRow
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.simplefin import DAY, account, answer, fetched, noon, row


def read(content: bytes, hints: ReadingHints = NO_HINTS) -> StatementFile:
    assert SimpleFinReader().recognises(content[:4096])
    result = SimpleFinReader().read(content, hints)
    assert isinstance(result, Success), result
    return result.value


def only(content: bytes) -> Statement:
    (statement,) = read(content).statements
    return statement


def row_of(*stated: Any) -> StatementRow:
    (found,) = only(answer(account(*stated))).rows
    return found


def reasons(*stated: Any) -> list[str]:
    return [each.reason for each in read(answer(account(*stated))).quarantined]


class TestAccounts:
    def test_of_version_1(self) -> None:
        found = only(answer(account(row("1")))).account

        assert (found.institution, found.number, found.name) == ("Bank", "A-1", "Savings")
        assert (found.currency, found.kind) == ("USD", AccountKind.OTHER)

    def test_of_version_2(self) -> None:
        stated = account(row("1"), conn_id="C-1")
        del stated["org"]
        connection = {"conn_id": "C-1", "name": "My log-in", "org_id": "O-1", "sfin_url": "x"}

        unnamed = only(answer(stated, errlist=[], connections=[connection])).account
        named = only(answer(stated, connections=[connection | {"org_name": "Bank"}])).account

        assert (unnamed.institution, named.institution) == ("My log-in", "Bank")

    def test_two_log_ins_at_one_bank_have_accounts_of_their_own(self) -> None:
        twice = [account(row("1"), conn_id=each) for each in ("C-1", "C-2")]

        numbers = [each.account.number for each in read(answer(*twice)).statements]

        assert numbers == ["C-1-A-1", "C-2-A-1"]

    @pytest.mark.parametrize(
        "content", [json.dumps(account(row("1"))), json.dumps([account(row("1"))])]
    )
    def test_saved_without_what_is_around_them(self, content: str) -> None:
        assert only(content.encode()).account.number == "A-1"

    def test_an_account_in_points_does_not_concern_the_others(self) -> None:
        points = account(row("1"), id="A-2", currency="https://airline.example/miles")
        file = read(answer(points, account(row("1")), account(id="A-3", currency="US$")))

        assert [each.account.number for each in file.statements] == ["A-1"]
        assert len(file.quarantined) == 2
        assert "points" in file.quarantined[0].reason

    def test_a_currency_that_is_not_said_is_asked(self) -> None:
        content = answer(account(row("1"), currency=""))

        asked = SimpleFinReader().read(content)

        assert isinstance(asked, Failure)
        assert isinstance(asked.error, HintNeeded)
        assert read(content, ReadingHints(currency="CAD")).statements[0].account.currency == "CAD"

    @pytest.mark.parametrize("stated", [7, "A", [], {}, {"name": "Savings"}])
    def test_what_is_no_account_does_not_concern_the_others(self, stated: Any) -> None:
        file = read(answer(stated, account(row("1"))))

        assert (len(file.statements), len(file.quarantined)) == (1, 1)


class TestRows:
    def test_a_booked_row(self) -> None:
        found = row_of(
            row("T", "-12.5", payee="Coffee", memo="Card 1", mcc="5814", transacted_at=noon(DAY))
        )

        assert (found.provider_id, found.booking_date, found.pending) == ("T", DAY, False)
        assert found.amount == Money(Decimal("-12.5"), "USD")
        assert (found.description, found.payee) == ("Coffee house – Card 1", "Coffee")
        assert (found.memo, found.kind) == ("Card 1", TransactionKind.DEBIT)
        assert found.raw["mcc"] == "5814"
        assert found.raw["transacted_at"] == str(noon(DAY))

    def test_a_row_without_a_description_is_called_by_its_payee(self) -> None:
        assert row_of(row("T", text="", payee="Coffee")).description == "Coffee"

    def test_a_pending_row_is_of_the_day_of_the_purchase_or_of_the_answer(self) -> None:
        bought = row_of(row("T", pending=True))
        unknown = row_of(row("T", posted=0))
        dated = row_of(row("T", posted=noon(DAY), pending=True) | {"posted": noon(DAY)})

        assert (bought.booking_date, bought.pending) == (DAY, True)
        assert (unknown.booking_date, unknown.pending) == (DAY, True)
        assert (dated.booking_date, dated.pending) == (DAY, True)

    def test_numbers_may_be_numbers(self) -> None:
        content = answer(account(row("1"))).replace(b'"-12.50"', b"-0.10000000000000000001")
        assert "not a number" in read(content).quarantined[0].reason
        content = answer(account(row("1"))).replace(b'"-12.50"', b"-1234567890123456.01")
        (found,) = only(content).rows
        assert found.amount.amount == Decimal("-1234567890123456.01")

    @pytest.mark.parametrize(
        ("stated", "reason"),
        [
            (row("1", "much"), "not a number"),
            (row("1", "NaN"), "not a number"),
            (row("1", "1,50"), "not a number"),
            (row("1", ""), "not a number"),
            (row("x" * 256), "longer than 255"),
            (row("1", memo="x" * 10_001), "longer than 10000"),
            (7, "not an object"),
            (None, "not an object"),
        ],
    )
    def test_a_bad_row_is_quarantined_alone(self, stated: Any, reason: str) -> None:
        (found,) = reasons(stated, row("2", "-1.00"))

        assert reason in found

    def test_a_row_without_any_day_is_quarantined(self) -> None:
        stated = account(row("1") | {"posted": 0}, balance_date=0)

        assert "no day" in read(answer(stated)).quarantined[0].reason

    def test_what_no_text_can_hold_is_left_out(self) -> None:
        found = row_of(row("T\0", text="a\0b\ud800c\x1b[2J"))

        assert (found.provider_id, found.description) == ("T", "a b c [2J")

    def test_a_line_is_that_of_the_row(self) -> None:
        content = answer(account(row("1"), row("2", "much"), row("3"), id="A-1"))
        file = read(content)
        lines = content.decode().splitlines()

        assert '"much"' in "".join(lines[file.quarantined[0].line - 1 :][:4])
        first, last = (each.line for each in file.statements[0].rows)
        assert '"id": "1"' in lines[first]
        assert '"id": "3"' in lines[last]


class TestBalancesAndHoldings:
    def test_balances_are_of_their_day(self) -> None:
        stated = account(row("1"), available_balance="90.00")

        found = [(each.kind, str(each.money), each.day) for each in only(answer(stated)).balances]

        assert found == [
            (BalanceKind.BOOKED, "100.00 USD", DAY),
            (BalanceKind.AVAILABLE, "90.00 USD", DAY),
        ]

    def test_without_a_day_there_is_no_balance(self) -> None:
        assert only(answer(account(row("1"), balance_date=0))).balances == []

    def test_holdings(self) -> None:
        held = {
            "id": "H-1",
            "symbol": "VTI",
            "shares": "3.5",
            "market_value": "700.00",
            "cost_basis": "0.00",
            "currency": "",
            "description": "Total Market ETF",
        }
        statement = only(answer(account(holdings=[held, held | {"symbol": "", "currency": "EUR"}])))

        assert statement.account.kind is AccountKind.INVESTMENT
        assert statement.holdings_day == DAY
        vti, other = statement.holdings
        assert (vti.security.scheme, vti.security.number) == ("TICKER", "VTI")
        assert (vti.quantity, str(vti.value), vti.cost_basis) == (
            Decimal("3.5"),
            "700.00 USD",
            None,
        )
        assert (other.security.scheme, str(other.value)) == ("NAME", "700.00 EUR")

    @pytest.mark.parametrize("stated", [7, {}, {"symbol": "VTI"}, {"symbol": "VTI", "shares": "x"}])
    def test_a_holding_that_cannot_be_read_is_said(self, stated: Any) -> None:
        file = read(answer(account(row("1"), holdings=[stated])))

        assert len(file.unread_holdings) == 1
        assert file.statements[0].holdings_day is None


class TestRetrieval:
    def test_a_fetched_document_lists_its_days_in_full(self) -> None:
        statement = only(fetched(row("1"), first=date(2026, 3, 1)))

        assert (statement.first_day, statement.last_day) == (date(2026, 3, 1), DAY)
        assert statement.pending_day == DAY
        assert statement.report_type == "simplefin"

    def test_an_incomplete_document_proves_nothing(self) -> None:
        statement = only(fetched(row("1"), is_complete=False))

        assert (statement.first_day, statement.last_day, statement.pending_day) == (None,) * 3

    def test_days_of_the_past_list_no_pending_rows(self) -> None:
        content = fetched(row("1")).replace(b"2026-03-13T18", b"2026-05-01T18")

        assert only(content).pending_day is None
        assert only(content).last_day == DAY

    def test_a_row_that_cannot_be_read_may_be_a_pending_one(self) -> None:
        assert only(fetched(row("1"), row("2", "much"))).pending_day is None


@pytest.mark.parametrize(
    "content",
    [
        b'{"accounts": 7}',
        b'{"accounts": [',
        b'{"accounts": []} {"accounts": []}',
        b'{"accounts": ' + b"[" * 200_000,
        b'{"accounts": [' + b"1" * 20_000 + b"}",
    ],
)
def test_what_is_no_answer_is_refused(content: bytes) -> None:
    refused = SimpleFinReader().read(content)

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, UnreadableStatement)


@pytest.mark.parametrize(
    "head", [b"", b"accounts", b'{"name": 1}', b'"accounts":', b'Date;"accounts":1']
)
def test_other_files_are_not_recognised(head: bytes) -> None:
    assert not SimpleFinReader().recognises(head)
