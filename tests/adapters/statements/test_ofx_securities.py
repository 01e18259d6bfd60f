"""What OFX files say of securities, and of the days that a statement covers."""

from datetime import date

from domain.ledger.values import Security
from tests.adapters.statements.ofx_investments import (
    LISTED,
    POSITIONS,
    WHOLE,
    file,
    info,
    investment,
    position,
    securities,
    trade,
)
from tests.adapters.statements.ofx_reading import LEAVES, one_statement, read
from tests.statements import ofx, statement


class TestSecurities:
    def test_names_are_joined_wherever_the_list_is(self) -> None:
        before = one_statement(file(LISTED, investment(positions=POSITIONS)))

        assert [(each.security.name, each.security.ticker) for each in before.holdings] == [
            ("Northern Rail", "NRL"),
            ("World & Sea Fund", "WSF"),
            ("City bond 2040", ""),
            ("NRL call", ""),
            ("Cellar of wine", "WINE"),
            ("", ""),
        ]
        after = one_statement(WHOLE)
        assert [each.security for each in after.holdings] == [
            each.security for each in before.holdings
        ]

    def test_without_a_list_they_have_no_names(self) -> None:
        (holding,) = one_statement(file(investment(positions=position()))).holdings

        assert holding.security == Security(scheme="CUSIP", number="100000001")

    def test_the_same_number_in_another_scheme_is_another_security(self) -> None:
        other = securities(info("MFINFO", "100000001", "<SECNAME>Other", scheme="PRIVATE"))

        (holding,) = one_statement(file(investment(positions=position()), other)).holdings

        assert holding.security.name == ""

    def test_a_scheme_is_case_insensitive(self) -> None:
        listed = securities(info("MFINFO", "100000001", "<SECNAME>Fund", scheme="cusip"))

        (holding,) = one_statement(file(investment(positions=position()), listed)).holdings

        assert (holding.security.name, holding.security.scheme) == ("Fund", "CUSIP")

    def test_the_first_of_two_entries_counts(self) -> None:
        entries = [info("MFINFO", "100000001", f"<SECNAME>{name}") for name in ("One", "Two")]
        content = file(investment(positions=position()), securities(*entries))

        (holding,) = one_statement(content).holdings

        assert holding.security.name == "One"

    def test_an_oversized_name_is_truncated(self) -> None:
        listed = securities(info("MFINFO", "100000001", f"<SECNAME>{'x' * 9_999}"))

        (holding,) = one_statement(file(investment(positions=position()), listed)).holdings

        assert holding.security.name == "x" * 255

    def test_a_list_of_securities_is_no_statement(self) -> None:
        assert read(file(LISTED)).statements == []

    def test_a_list_between_statements_disturbs_neither(self) -> None:
        first, second = read(
            file(investment(positions=POSITIONS), LISTED, investment(trade("INCOME", "<TOTAL>1")))
        ).statements

        assert (len(first.holdings), len(second.rows)) == (6, 1)
        assert first.account == second.account


class TestPeriods:
    PERIOD = "<DTSTART>20260301<DTEND>20260331235959[-5:EST]"

    def test_are_read_from_statements(self) -> None:
        rows = f"<STMTTRN>{LEAVES}</STMTTRN>"
        bank = ofx(statement(self.PERIOD + rows))
        card = (
            f"<OFX><CCSTMTRS><CURDEF>USD<CCACCTFROM><ACCTID>5566</CCACCTFROM><BANKTRANLIST>"
            f"{self.PERIOD}{rows}</BANKTRANLIST></CCSTMTRS></OFX>"
        )
        for parsed in map(one_statement, (bank.decode(), card, file(investment()))):
            assert (parsed.first_day, parsed.last_day) == (date(2026, 3, 1), date(2026, 3, 31))

    def test_are_missing_if_not_stated(self) -> None:
        for period in ("", "<DTSTART><DTEND>0", "<DTSTART>20260230<DTEND>soon"):
            parsed = one_statement(ofx(statement(period)))

            assert (parsed.first_day, parsed.last_day) == (None, None)

    def test_of_other_summaries_are_ignored(self) -> None:
        summary = f"<INV401K><INV401KSUMMARY><YEARTODATE>{self.PERIOD}</YEARTODATE></INV401K>"
        content = file(investment(more=summary)).replace("<DTSTART>20260301<DTEND>20260331\n", "")

        assert one_statement(content).first_day is None
