"""The list of pending transactions: it is complete for its day (OFX 2.2, section 11.4.4)."""

from datetime import date

import pytest

from domain.ledger.values import Statement
from tests.adapters.statements.ofx_reading import one_statement
from tests.statements import ofx, statement, transaction

HOLD = "<STMTTRNP><TRNTYPE>DEBIT<DTTRAN>20260312<TRNAMT>-500.00<NAME>Hotel</STMTTRNP>"


def with_list(pending: str, sign_on: str = "") -> Statement:
    content = ofx(statement(transaction(), balance=pending)).decode()
    return one_statement(content.replace("<OFX>", f"<OFX>{sign_on}"))


@pytest.mark.parametrize("rows", ["", HOLD, HOLD * 2])
def test_names_its_day(rows: str) -> None:
    found = with_list(f"<BANKTRANLISTP><DTASOF>20260313120000{rows}</BANKTRANLISTP>")

    assert found.pending_day == date(2026, 3, 13)
    assert [row.pending for row in found.rows].count(True) == rows.count("<STMTTRNP>")


def test_may_leave_its_day_to_the_file() -> None:
    sign_on = "<SONRS><DTSERVER>20260402</SONRS>"

    assert with_list("<BANKTRANLISTP></BANKTRANLISTP>", sign_on).pending_day == date(2026, 4, 2)
    assert with_list("<BANKTRANLISTP></BANKTRANLISTP>").pending_day is None


def test_is_not_complete_if_a_row_of_it_cannot_be_read() -> None:
    broken = HOLD.replace("-500.00", "much")

    found = with_list(f"<BANKTRANLISTP><DTASOF>20260313{HOLD}{broken}</BANKTRANLISTP>")

    assert (found.pending_day, found.complete) == (None, False)


@pytest.mark.parametrize("rows", ["", HOLD])
def test_is_missing_where_pending_rows_are_not_listed(rows: str) -> None:
    assert with_list(rows).pending_day is None


def test_does_not_date_the_balances() -> None:
    listed = "<BANKTRANLISTP><DTASOF>20260313</BANKTRANLISTP><LEDGERBAL><BALAMT>1</LEDGERBAL>"

    assert with_list(listed).balances == []


def test_belongs_to_its_statement() -> None:
    listed = "<BANKTRANLISTP><DTASOF>20260313</BANKTRANLISTP>"

    first = one_statement(ofx(statement(transaction(), balance=listed)))
    second = one_statement(ofx(statement(transaction())))

    assert (first.pending_day, second.pending_day) == (date(2026, 3, 13), None)
