"""Positions of OFX files."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.amounts import TOO_LONG
from adapters.statements.ofx import OfxReader
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import BalanceKind
from domain.ledger.questions import ACCOUNT_ASKED, CURRENCY_ASKED, Asked
from domain.ledger.values import QuarantinedRow, Security, StatedHolding, Statement
from domain.shared.money import Money
from domain.shared.result import Failure
from tests.adapters.statements.ofx_investments import (
    LISTED,
    NO_PRICE,
    POSITIONS,
    WHOLE,
    as_xml,
    file,
    investment,
    position,
    secid,
)
from tests.adapters.statements.ofx_reading import one_statement, questions, read
from tests.statements import ofx


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def parsed_positions(*positions: str) -> Statement:
    return one_statement(file(investment(positions="".join(positions))))


def holding_of(*args: str, **values: str) -> StatedHolding:
    (holding,) = parsed_positions(position(*args, **values)).holdings
    return holding


def unread(content: str) -> list[str]:
    return [row.reason for row in read(content).unread_holdings]


class TestHoldings:
    def test_positions_are_read(self) -> None:
        (holding,) = one_statement(
            file(investment(positions=position(more="<AVGCOSTBASIS>40.00")), LISTED)
        ).holdings

        assert holding == StatedHolding(
            line=holding.line,
            security=Security(
                scheme="CUSIP", number="100000001", name="Northern Rail", ticker="NRL"
            ),
            quantity=Decimal(10),
            price=usd("5.50"),
            value=usd("55.00"),
            cost_basis=usd("40.00"),
            day=date(2026, 3, 30),
        )

    def test_reads_every_kind_of_position(self) -> None:
        holdings = one_statement(WHOLE).holdings

        assert [(each.security.number[-1], str(each.quantity)) for each in holdings] == [
            *(("1", "10"), ("2", "1.2345"), ("3", "1000"), ("4", "2"), ("5", "12"), ("6", "-7"))
        ]

    def test_xml_reads_like_sgml(self) -> None:
        sgml, xml = one_statement(WHOLE), one_statement(as_xml(WHOLE))

        shift = xml.holdings[0].line - sgml.holdings[0].line
        assert [each.line - shift for each in xml.holdings] == [each.line for each in sgml.holdings]
        assert [each.security for each in xml.holdings] == [each.security for each in sgml.holdings]
        assert [each.value for each in xml.holdings] == [each.value for each in sgml.holdings]
        assert xml.holdings_day == sgml.holdings_day == date(2026, 3, 31)

    def test_reports_the_line_of_each_position(self) -> None:
        lines = WHOLE.split("\n")

        assert [lines[each.line - 1] for each in one_statement(WHOLE).holdings] == [
            *("<POSSTOCK>", "<POSMF>", "<POSDEBT>", "<POSOPT>", "<POSOTHER>", "<POSSTOCK>")
        ]

    def test_a_short_position_is_negative(self) -> None:
        for units, value in (("7", "38.50"), ("-7", "-38.50")):
            worth = f"<UNITPRICE>5.50<MKTVAL>{value}<DTPRICEASOF>20260331"
            short = holding_of(units=units, worth=worth, side="SHORT")

            assert (short.quantity, short.value) == (Decimal(-7), usd("-38.50"))
            assert short.price == usd("5.50")

    def test_a_foreign_position_is_in_its_own_currency(self) -> None:
        foreign = "<CURRENCY><CURRATE>1.08<CURSYM>EUR</CURRENCY><AVGCOSTBASIS>40"

        holding = holding_of(more=foreign)

        assert holding.value == Money(Decimal("55.00"), "EUR")
        assert holding.price == Money(Decimal("5.50"), "EUR")
        assert holding.cost_basis == Money(Decimal(40), "EUR")

    def test_an_unknown_price_is_null(self) -> None:
        holding = holding_of(worth=NO_PRICE)

        assert (holding.price, holding.value, holding.cost_basis) == (None, None, None)
        assert holding.day == date(2026, 3, 31)

    @pytest.mark.parametrize("price", ["33.333333333333336", "33,333333333333336", "33.3333333333"])
    def test_a_price_with_many_decimals_is_rounded(self, price: str) -> None:
        holding = holding_of(worth=f"<UNITPRICE>{price}<MKTVAL>100<DTPRICEASOF>20260331")

        assert holding.price == usd("33.3333333333")

    def test_a_price_of_zero_is_a_price(self) -> None:
        holding = holding_of(worth="<UNITPRICE>0<MKTVAL>0.00<DTPRICEASOF>20260330")

        assert (holding.price, holding.value) == (usd("0"), usd("0"))

    def test_a_price_without_a_date_has_the_date_of_the_statement(self) -> None:
        holding = holding_of(worth="<UNITPRICE>5<MKTVAL>50")

        assert (holding.value, holding.day) == (usd("50"), date(2026, 3, 31))

    def test_the_same_security_may_be_held_twice(self) -> None:
        assert len(parsed_positions(position(), position()).holdings) == 2

    def test_positions_outside_their_wrapper_are_read(self) -> None:
        bare = f"<INVPOS>{secid('1')}<UNITS>3</INVPOS>"

        assert [each.quantity for each in parsed_positions(bare, bare).holdings] == [3, 3]
        assert len(parsed_positions(f"<POSMF>{bare}{bare}</POSMF>").holdings) == 2
        assert len(parsed_positions(f"<POSNEW>{bare}</POSNEW>").holdings) == 1

    def test_a_missing_end_tag_loses_nothing(self) -> None:
        cut = position().replace("</INVPOS>\n</POSSTOCK>", "")

        assert len(parsed_positions(cut, cut).holdings) == 2

    @pytest.mark.parametrize("tag", ["INVPOSLIST", "POSSTOCK", "INVPOS", "SECINFO", "INVTRANLIST"])
    def test_misplaced_text_loses_nothing(self, tag: str) -> None:
        assert read(WHOLE.replace(f"<{tag}>", f"<{tag}>text")) == read(WHOLE)

    def test_positions_are_not_rows(self) -> None:
        assert one_statement(WHOLE).rows == []
        assert one_statement(WHOLE).complete

    def test_what_follows_positions_is_read(self) -> None:
        more = (
            "<INVBAL><AVAILCASH>12.50<BALLIST><BAL><NAME>Net worth<VALUE>1<DTASOF>20251231</BAL>"
            "</BALLIST></INVBAL>"
        )
        cash = one_statement(file(investment(positions=POSITIONS, more=more))).balance(
            BalanceKind.AVAILABLE
        )

        assert cash is not None
        assert (cash.money, cash.day) == (usd("12.50"), date(2026, 3, 31))


class TestHoldingsDay:
    """The date on which the list of holdings is complete."""

    def test_an_empty_list_means_no_positions(self) -> None:
        for empty in ("<INVPOSLIST></INVPOSLIST>", "<INVPOSLIST/>", "<INVPOSLIST>\n</INVPOSLIST>"):
            parsed = one_statement(file(investment(more=empty)))

            assert (parsed.holdings, parsed.holdings_day) == ([], date(2026, 3, 31))

    def test_a_missing_list_means_nothing(self) -> None:
        parsed = one_statement(file(investment()))

        assert (parsed.holdings, parsed.holdings_day) == ([], None)
        assert one_statement(ofx()).holdings_day is None

    def test_positions_outside_the_list_make_it_incomplete(self) -> None:
        parsed = one_statement(file(investment(more=position())))

        assert (len(parsed.holdings), parsed.holdings_day) == (1, None)

    def test_without_a_statement_date_it_is_unknown(self) -> None:
        content = file(investment(positions=position())).replace("<DTASOF>20260331", "")

        assert one_statement(content).holdings_day is None
        assert len(one_statement(content).holdings) == 1

    def test_an_unreadable_position_leaves_it_unknown(self) -> None:
        stated = parsed_positions(position(), position(units="many"))

        assert (len(stated.holdings), stated.holdings_day) == (1, None)
        assert stated.complete

    def test_each_statement_has_its_own(self) -> None:
        first, second = read(
            file(investment(positions=position(units="?")), investment(positions=""))
        ).statements

        assert (first.holdings_day, second.holdings_day) == (None, date(2026, 3, 31))


class TestUnreadHoldings:
    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"units": ""}, "no UNITS"),
            ({"units": "many"}, "UNITS: the amount is not a number"),
            ({"units": "9" * 30}, f"UNITS: {TOO_LONG}"),
            ({"units": "NaN"}, "UNITS: the amount is not a number"),
            ({"worth": "<UNITPRICE>?<MKTVAL>1"}, "UNITPRICE: the amount is not a number"),
            ({"worth": "<UNITPRICE>1<MKTVAL>n/a"}, "MKTVAL: the amount is not a number"),
            ({"more": "<AVGCOSTBASIS>-"}, "AVGCOSTBASIS: the amount is not a number"),
            ({"worth": "<DTPRICEASOF>20260230"}, "the date does not exist"),
            ({"worth": "<DTPRICEASOF>today"}, "the date is not a date"),
            ({"number": ""}, "no security is named"),
            ({"number": "9" * 256}, "the number of the security is longer than 255 characters"),
            (
                {"more": "<CURRENCY><CURSYM>dollars</CURRENCY>"},
                "the currency is not an ISO 4217 code",
            ),
        ],
    )
    def test_an_invalid_position_has_a_reason(self, values: dict[str, str], reason: str) -> None:
        content = file(investment(positions=position() + position(**values)))

        (row,) = read(content).unread_holdings

        second = content.rindex("<POSSTOCK>")
        assert row == QuarantinedRow(content.count("\n", 0, second) + 1, reason)
        assert read(content).quarantined == []
        assert len(one_statement(content).holdings) == 1

    def test_an_empty_position_is_reported(self) -> None:
        assert unread(file(investment(positions="<POSMF></POSMF><POSOPT/>"))) == [
            "no security is named",
            "no security is named",
        ]

    def test_a_position_without_any_date_is_unreadable(self) -> None:
        content = file(investment(positions=position(worth="")))

        assert unread(content.replace("<DTASOF>20260331", "")) == ["no day"]

    def test_what_their_statement_does_not_say_is_asked(self) -> None:
        content = file(investment(positions=position())).replace("<ACCTID>77", "")

        assert questions(content.replace("<CURDEF>USD", "")) == [ACCOUNT_ASKED, CURRENCY_ASKED]
        assert questions(file(f"<INVPOSLIST>{position()}</INVPOSLIST>")) == [
            ACCOUNT_ASKED,
            CURRENCY_ASKED,
        ]

    def test_numbers_of_positions_reveal_the_decimal_mark(self) -> None:
        worth = "<UNITPRICE>1,234<MKTVAL>12,34<DTPRICEASOF>20260331"

        holding = holding_of(units="1.234", worth=worth)

        assert (holding.quantity, holding.price) == (Decimal(1234), usd("1.234"))

    def test_an_ambiguous_number_is_asked(self) -> None:
        content = file(investment(positions=position(units="1,234", worth="")))

        (asked,) = questions(content)
        (parsed,) = read(content, ReadingHints(decimal_mark=",")).statements

        assert (asked.field, asked.examples) == (Asked.DECIMAL_MARK, ["1,234"])
        assert [each.quantity for each in parsed.holdings] == [Decimal("1.234")]


class TestHostile:
    def test_positions_and_securities_count_towards_the_limit(self) -> None:
        result = OfxReader(max_rows=3)

        for content in (file(investment(positions=position() * 4)), file(LISTED)):
            assert result.read(content.encode()) == Failure(
                StatementTooLarge("A file has at most 3 rows.")
            )

    @pytest.mark.parametrize("end", ["</POSMF>", "<SECLIST>", "</INVPOSLIST>", "</INVSTMTRS>"])
    def test_a_truncated_file_is_refused(self, end: str) -> None:
        result = OfxReader().read(WHOLE[: WHOLE.index(end)].encode())

        expected = UnreadableStatement("The file ends before </OFX>: it is truncated.")
        assert result == Failure(expected)

    def test_a_truncated_file_without_an_account_is_refused(self) -> None:
        content = WHOLE.replace("<ACCTID>77", "").replace("</OFX>", "")

        assert isinstance(OfxReader().read(content.encode()), Failure)

    @given(st.integers(0, len(WHOLE)), st.integers(0, 50), st.text(max_size=20))
    def test_a_damaged_file_never_claims_to_be_complete(
        self, place: int, length: int, noise: str
    ) -> None:
        damaged = WHOLE[:place] + noise + WHOLE[place + length :]

        result = OfxReader().read(damaged.encode(errors="replace"))

        if isinstance(result, Failure):
            return
        for parsed in result.value.statements:
            assert parsed.holdings_day is None or not result.value.unread_holdings

    @given(st.lists(st.tuples(st.decimals(-(10**9), 10**9, places=6), st.booleans()), max_size=5))
    def test_every_position_is_read_exactly(self, positions: list[tuple[Decimal, bool]]) -> None:
        content = "".join(
            position(units=f"{units:f}", side="SHORT" if short else "LONG")
            for units, short in positions
        )

        parsed = one_statement(file(investment(positions=content)))

        assert [each.quantity for each in parsed.holdings] == [
            -abs(units) if short else units for units, short in positions
        ]
        assert parsed.holdings_day == date(2026, 3, 31)
