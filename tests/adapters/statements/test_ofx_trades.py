"""Trades in OFX files: the units that were bought and sold."""

from decimal import Decimal

import pytest

from domain.ledger.kinds import TransactionKind
from domain.ledger.values import Security, StatementRow, Trade
from domain.shared.money import Money
from tests.adapters.statements.ofx_investments import (
    as_xml,
    file,
    info,
    investment,
    securities,
    trade,
)
from tests.adapters.statements.ofx_reading import LEAVES, one_statement, read, row_of

COSTS = "<COMMISSION>7.95<FEES>0.10<TAXES>1<WITHHOLDING>2"


def row(kind: str, leaves: str) -> StatementRow:
    (only,) = one_statement(file(investment(trade(kind, leaves)))).rows
    return only


def moved(kind: str, leaves: str) -> Trade:
    trade = row(kind, leaves).trade
    assert trade is not None
    return trade


def reason(kind: str, leaves: str) -> str:
    (only,) = read(file(investment(trade(kind, leaves)))).quarantined
    return only.reason


class TestTrades:
    def test_a_buy_adds_units(self) -> None:
        bought = row("BUYSTOCK", f"<UNITS>10<UNITPRICE>5.25{COSTS}<TOTAL>-60.45")

        assert bought.trade == Trade(
            security=Security(scheme="CUSIP", number="100000001"),
            quantity=Decimal(10),
            unit_price=Decimal("5.25"),
        )
        assert bought.amount == Money(Decimal("-60.45"), "USD")
        assert bought.kind is TransactionKind.BUY
        assert bought.raw["COMMISSION"] == "7.95"
        assert (bought.raw["FEES"], bought.raw["TAXES"]) == ("0.10", "1")
        assert bought.raw["WITHHOLDING"] == "2"

    @pytest.mark.parametrize(
        ("kind", "leaves", "quantity"),
        [
            *((kind, "<UNITS>3<TOTAL>-1", "3") for kind in ("BUYMF", "BUYDEBT", "BUYOPT")),
            ("BUYOTHER", "<UNITS>-3<TOTAL>1", "-3"),
            *((kind, "<UNITS>-3<TOTAL>1", "-3") for kind in ("SELLMF", "SELLDEBT", "SELLOPT")),
            ("SELLSTOCK", "<UNITS>3<TOTAL>1", "-3"),
            ("SELLOTHER", "<UNITS>3", "-3"),
            ("SELLSTOCK", "<UNITS>3<TOTAL>-1", "3"),
            ("SELLSTOCK", "<UNITS>0<TOTAL>1", "0"),
            ("REINVEST", "<UNITS>0.125<TOTAL>-1", "0.125"),
            ("TRANSFER", "<UNITS>3<TFERACTION>IN<POSTYPE>LONG", "3"),
            ("TRANSFER", "<UNITS>3<TFERACTION>OUT<POSTYPE>LONG", "-3"),
            ("TRANSFER", "<UNITS>-3<TFERACTION>OUT<POSTYPE>LONG", "-3"),
            ("TRANSFER", "<UNITS>3<TFERACTION>IN<POSTYPE>SHORT", "-3"),
            ("TRANSFER", "<UNITS>3<TFERACTION>OUT<POSTYPE>SHORT", "3"),
            ("TRANSFER", "<UNITS>-3", "-3"),
            ("SPLIT", "<OLDUNITS>10<NEWUNITS>20<NUMERATOR>2<DENOMINATOR>1", "10"),
            ("SPLIT", "<OLDUNITS>100<NEWUNITS>10", "-90"),
            ("SPLIT", "<NUMERATOR>2<DENOMINATOR>1", "0"),
            ("INCOME", "<INCOMETYPE>DIV<TOTAL>5", "0"),
            ("RETOFCAP", "<TOTAL>5", "0"),
            ("INVEXPENSE", "<TOTAL>-5", "0"),
            ("JRNLSEC", "<SUBACCTFROM>CASH<SUBACCTTO>MARGIN<UNITS>3", "0"),
            ("CLOSUREOPT", "<OPTACTION>EXPIRE<UNITS>-3", "-3"),
        ],
    )
    def test_quantities_are_read(self, kind: str, leaves: str, quantity: str) -> None:
        assert moved(kind, leaves).quantity == Decimal(quantity)

    def test_income_has_no_price(self) -> None:
        assert moved("INCOME", "<TOTAL>5").unit_price is None

    def test_securities_are_named_by_the_list(self) -> None:
        listed = securities(info("STOCKINFO", "100000001", "<SECNAME>Northern Rail<TICKER>NRL"))
        rows = investment(trade("INCOME", "<TOTAL>5"))

        for content in (file(rows, listed), file(listed, rows), as_xml(file(rows, listed))):
            (parsed,) = one_statement(content).rows
            assert parsed.trade is not None
            assert (parsed.trade.security.name, parsed.trade.security.ticker) == (
                "Northern Rail",
                "NRL",
            )

    def test_the_price_is_in_the_currency_of_the_row(self) -> None:
        foreign = "<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY>"

        bought = row("BUYMF", f"<UNITS>1<UNITPRICE>5<TOTAL>-5{foreign}")

        assert bought.amount.currency == "EUR"
        assert bought.trade is not None

    def test_a_transfer_with_an_account_is_read_completely(self) -> None:
        leaves = (
            "<UNITS>3<TFERACTION>IN<INVACCTFROM><BROKERID>other.example<ACCTID>99</INVACCTFROM>"
            "<AVGCOSTBASIS>12<UNITPRICE>4"
        )
        parsed = one_statement(file(investment(trade("TRANSFER", leaves))))

        assert parsed.account.number == "77"
        (only,) = parsed.rows
        assert only.trade is not None
        assert only.trade.unit_price == Decimal(4)


class TestCash:
    @pytest.mark.parametrize(
        ("kind", "leaves", "amount"),
        [
            ("REINVEST", "<INCOMETYPE>DIV<TOTAL>-25.00<UNITS>1.25<UNITPRICE>20", "0"),
            ("JRNLFUND", "<SUBACCTFROM>CASH<SUBACCTTO>MARGIN<TOTAL>100.00", "0"),
            ("JRNLSEC", "<SUBACCTFROM>CASH<SUBACCTTO>MARGIN<UNITS>3", "0"),
            ("SPLIT", "<OLDUNITS>3<NEWUNITS>4<FRACCASH>12.50", "12.50"),
            ("SPLIT", "<OLDUNITS>3<NEWUNITS>6", "0"),
            ("INCOME", "<INCOMETYPE>DIV<TOTAL>5", "5"),
            ("RETOFCAP", "<TOTAL>5", "5"),
            ("INVEXPENSE", "<TOTAL>-5", "-5"),
        ],
    )
    def test_is_what_the_account_receives_or_spends(
        self, kind: str, leaves: str, amount: str
    ) -> None:
        assert row(kind, leaves).amount.amount == Decimal(amount)

    def test_that_is_reinvested_adds_units(self) -> None:
        assert moved("REINVEST", "<TOTAL>-25.00<UNITS>1.25").quantity == Decimal("1.25")


class TestWithoutTrade:
    def test_cash_alone_has_no_trade(self) -> None:
        assert row_of(LEAVES).trade is None
        inner = f"<INVBANKTRAN><STMTTRN>{LEAVES}</STMTTRN><SUBACCTFUND>CASH</INVBANKTRAN>"
        (only,) = one_statement(file(investment(inner))).rows
        assert (only.trade, only.kind) == (None, TransactionKind.DEBIT)

    def test_a_row_without_a_security_has_no_trade(self) -> None:
        (only,) = one_statement(file(investment(trade("BUYMF", "<UNITS>1<TOTAL>-1", "")))).rows

        assert only.trade is None

    def test_a_row_without_units_has_no_trade(self) -> None:
        bad_row = row("BUYMF", "<TOTAL>-1")

        assert (bad_row.trade, bad_row.amount.amount) == (None, Decimal(-1))


class TestUnclearTrades:
    @pytest.mark.parametrize(
        ("kind", "leaves", "name"),
        [
            ("BUYMF", "<UNITS>many<TOTAL>-1", "UNITS"),
            ("SELLMF", "<UNITS>-1<UNITPRICE>?<TOTAL>1", "UNITPRICE"),
            ("SPLIT", "<OLDUNITS>?<NEWUNITS>2", "OLDUNITS"),
            ("SPLIT", "<OLDUNITS>1<NEWUNITS>?", "NEWUNITS"),
        ],
    )
    def test_are_quarantined(self, kind: str, leaves: str, name: str) -> None:
        assert reason(kind, leaves) == f"{name}: the amount is not a number"

    def test_an_oversized_security_id_is_quarantined(self) -> None:
        (only,) = read(file(investment(trade("INCOME", "<TOTAL>1", "9" * 256)))).quarantined

        assert only.reason == "the number of the security is longer than 255 characters"

    def test_units_reveal_the_decimal_mark(self) -> None:
        bought = row("BUYMF", "<UNITS>1,5<UNITPRICE>1.234<TOTAL>-1.851")

        assert bought.amount.amount == Decimal(-1851)
        assert bought.trade is not None
        assert (bought.trade.quantity, bought.trade.unit_price) == (Decimal("1.5"), Decimal(1234))
