"""Dates: in figures or with names of months, with times or without, in one order for a file."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.csv.dates import is_date, parse_date, time_beside
from domain.ledger.hints import DateOrder
from tests.adapters.statements.csv.reading import (
    EUROS,
    profile_of,
    question,
    reasons_of,
    row_of,
    rows_of,
)

DAY, MONTH, YEAR = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, DateOrder.YEAR_FIRST
FORMATS = {
    DAY: ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d.%m.%y", "%d%m%Y"],
    MONTH: ["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m%d%Y"],
    YEAR: ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d"],
}
WRITINGS = [(order, form) for order, forms in FORMATS.items() for form in forms]


def dated(*days: str) -> str:
    return "Date;Amount\n" + "".join(f"{day};1.50\n" for day in days)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-04", date(2026, 3, 4)),
        ("2026-03-04T23:59:59Z", date(2026, 3, 4)),
        ("2026-03-04T00:30:00+09:00", date(2026, 3, 4)),
        ("2026-03-04 23:59", date(2026, 3, 4)),
        ("04/03/2026 23:59:59", date(2026, 3, 4)),
        ("04.03.2026, 10:15", date(2026, 3, 4)),
        ("20260304", date(2026, 3, 4)),
        ("04032026", date(2026, 3, 4)),
        ("4 Mar 2026", date(2026, 3, 4)),
        ("04-Mar-26", date(2026, 3, 4)),
        ("4. März 2026", date(2026, 3, 4)),
        ("4 mars 2026", date(2026, 3, 4)),
        ("4 févr. 2026", date(2026, 2, 4)),
        ("4 août 2026", date(2026, 8, 4)),
        ("4 dic 2026", date(2026, 12, 4)),
        ("4 gennaio 2026", date(2026, 1, 4)),
        ("4 mei 2026", date(2026, 5, 4)),
        ("Mar 4, 2026", date(2026, 3, 4)),
        ("March 4, 2026", date(2026, 3, 4)),
        ("2026-Mar-04", date(2026, 3, 4)),
        ("31/02/2026", None),
        ("4 Foo 2026", None),
        ("2026-13-01", None),
        ("soon", None),
        ("", None),
        ("1" * 70, None),
    ],
)
def test_a_cell_is_a_date_or_none(text: str, day: date | None) -> None:
    assert parse_date(text, DAY) == day
    assert is_date(text) is (day is not None)


@pytest.mark.parametrize(("order", "form"), WRITINGS)
@given(day=st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_a_date_survives_a_round_trip(order: DateOrder, form: str, day: date) -> None:
    assert parse_date(day.strftime(form), order) == day


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("2026-03-04 09:00:01", "09:00:01"),
        ("2026-03-04T23:59:59Z", "23:59:59Z"),
        ("04.03.2026, 10:15", "10:15"),
        ("03/14/2026 3:05 PM", "3:05 PM"),
        ("2026-03-04 00:00:30", "00:00:30"),
        ("2026-03-04 00:00:00.000", ""),
        ("2026-03-04T00:00:00+01:00", ""),
        ("03/14/2026 12:00:00 AM", ""),
        ("2026-03-04", ""),
        ("", ""),
    ],
)
def test_a_time_may_be_written_behind_a_date(cell: str, time: str) -> None:
    assert time_beside(cell) == time
    assert row_of(f"Date;Amount\n{cell or '2026-03-04'};1.50\n").time == time


@pytest.mark.parametrize(
    ("cell", "time"), [("09:00:01", "09:00:01"), ("9.15", "9.15"), ("00:00", ""), ("noon", "")]
)
def test_a_time_may_have_a_column(cell: str, time: str) -> None:
    assert row_of(f"Datum;Uhrzeit;Betrag\n2026-03-04;{cell};1,50\n").time == time


@given(st.text(max_size=80), st.sampled_from(DateOrder))
def test_any_text_is_a_date_or_none(text: str, order: DateOrder) -> None:
    assert isinstance(parse_date(text, order), date | None)


@pytest.mark.parametrize(("order", "form"), WRITINGS)
def test_one_clear_date_decides_the_file(order: DateOrder, form: str) -> None:
    days = [date(2026, 3, 4), date(2026, 2, 25), date(2026, 5, 6)]

    text = dated(*(day.strftime(form) for day in days))

    assert profile_of(text).date_order is order
    assert [row.booking_date for row in rows_of(text)] == days


def test_ambiguous_dates_are_asked() -> None:
    text = dated("04/03/2026")

    assert question(text) == "The dates of the file can be read in two ways: say their order."
    for order, day in ((DAY, date(2026, 3, 4)), (MONTH, date(2026, 4, 3))):
        hints = replace(EUROS, date_order=order)
        assert row_of(text, hints).booking_date == day


@pytest.mark.parametrize("written", ["02.03.2026", "2.3.26", "02. 03. 2026"])
def test_dates_with_points_are_day_first(written: str) -> None:
    american = replace(EUROS, date_order=MONTH)

    assert row_of(dated(written)).booking_date == date(2026, 3, 2)
    assert row_of(dated(written), american).booking_date == date(2026, 2, 3)
    assert question(dated(written, "02/03/2026")) is not None


def test_a_year_before_points_is_the_year() -> None:
    assert row_of(dated("2026.03.02")).booking_date == date(2026, 3, 2)


def test_value_dates_are_evidence_too() -> None:
    row = row_of("Date;Value date;Amount\n04/03/2026;25/03/2026;1.50\n")

    assert (row.booking_date, row.value_date) == (date(2026, 3, 4), date(2026, 3, 25))


def test_month_names_need_no_order() -> None:
    assert row_of(dated("04-Mar-26")).booking_date == date(2026, 3, 4)


def test_invalid_dates_are_quarantined() -> None:
    text = dated("2026-03-04", "2026-03-05", "2026-02-30", "")

    assert reasons_of(text) == {4: "the date is not a date", 5: "no booking date"}


def test_the_value_date_is_used_if_there_is_no_other() -> None:
    row = row_of("Valuta;Betrag\n25.03.2026;1,50\n")

    assert (row.booking_date, row.value_date) == (date(2026, 3, 25), None)


def test_the_booking_date_is_preferred_to_the_purchase_date() -> None:
    text = "Transaction Date,Posted Date,Amount\n2026-03-01,2026-03-03,-1.50\n"

    assert row_of(text).booking_date == date(2026, 3, 3)
