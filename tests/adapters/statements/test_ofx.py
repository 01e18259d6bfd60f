"""The OFX reader: every oddity of banks has its line here."""

from datetime import date
from decimal import Decimal

import pytest

from adapters.statements.ofx import OfxReader
from domain.ledger.errors import StatementTooLarge, UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.questions import ACCOUNT_ASKED, CURRENCY_ASKED, Question
from domain.ledger.values import StatementFile
from domain.shared.money import Money
from domain.shared.result import Failure
from tests.adapters.statements.ofx_reading import LEAVES, one_statement, questions, read, row_of
from tests.statements import HEADER, ofx, statement, transaction


class TestFiles:
    def test_reads_sgml_without_end_tags(self) -> None:
        row = row_of(LEAVES)

        assert row.provider_id == "F1"
        assert row.booking_date == date(2026, 3, 1)
        assert row.amount == Money(Decimal("-1.00"), "EUR")
        assert row.kind is TransactionKind.DEBIT
        assert row.description == "Shop"
        assert not row.pending
        assert row.raw["TRNTYPE"] == "DEBIT"

    def test_xml_reads_like_sgml(self) -> None:
        leaves = "".join(
            f"<{name}>{value}</{name}>\n"
            for name, value in (part.split(">") for part in LEAVES[1:].split("<"))
        )

        assert row_of(leaves).provider_id == "F1"
        assert row_of(leaves).amount == row_of(LEAVES).amount

    def test_reads_tags_with_a_namespace(self) -> None:
        content = ofx(statement(transaction())).decode()
        for tag in ("STMTTRN", "STMTRS", "OFX", "FITID"):
            content = content.replace(f"<{tag}>", f"<ofx:{tag}>").replace(
                f"</{tag}>", f"</x:{tag}>"
            )

        assert [row.provider_id for row in one_statement(content).rows] == ["F1"]

    def test_reads_a_file_on_one_line(self) -> None:
        content = ofx(statement(transaction())).decode().replace("\n", "")

        assert len(one_statement(content).rows) == 1

    def test_reads_tags_in_any_case_and_values_on_the_next_line(self) -> None:
        row = row_of("<trntype>\nDEBIT\n<DtPosted>\n20260301\n<TRNAMT>\n-1\n<FITID> F1 \n")

        assert (row.booking_date.day, row.provider_id) == (1, "F1")

    def test_reports_the_line_of_each_row(self) -> None:
        content = ofx(statement(transaction(), transaction(fitid="F2")))
        lines = content.decode().split("\n")

        rows = one_statement(content).rows

        assert [lines[row.line - 1] for row in rows] == ["<STMTTRN>", "<STMTTRN>"]
        assert rows[1].line - rows[0].line == 7

    def test_counts_old_mac_line_breaks(self) -> None:
        content = ofx(statement(transaction(), transaction(fitid="F2")))

        for line_break in (b"\r\n", b"\r"):
            assert read(content.replace(b"\n", line_break)) == read(content)

    @pytest.mark.parametrize(
        "tag", ["OFX", "STMTRS", "BANKACCTFROM", "BANKTRANLIST", "STMTTRN", "LEDGERBAL"]
    )
    def test_misplaced_text_loses_nothing(self, tag: str) -> None:
        content = ofx().decode()

        assert read(content.replace(f"<{tag}>", f"<{tag}>text")) == read(content)

    def test_reads_without_a_header(self) -> None:
        assert one_statement(ofx().decode().removeprefix(HEADER)).rows

    @pytest.mark.parametrize(
        ("encoding", "head"),
        [
            ("utf-8", ""),
            ("utf-8-sig", ""),
            ("utf-16", ""),
            ("utf-16-le", ""),
            ("cp1252", ""),
            ("cp1250", "CHARSET:1250\n"),
            ("iso-8859-1", '<?xml version="1.0" encoding="iso-8859-1"?>\n'),
        ],
    )
    def test_reads_many_encodings(self, encoding: str, head: str) -> None:
        name = "Grün & Söhne"
        content = head + ofx(statement(transaction(name=name))).decode().removeprefix(HEADER)

        assert one_statement(content.encode(encoding)).rows[0].description == name

    def test_an_unknown_encoding_is_tolerated(self) -> None:
        content = b"CHARSET:martian\n" + ofx(statement(transaction(name="@"))).replace(
            b"@", b"\x81"
        )

        assert one_statement(content).rows

    @pytest.mark.parametrize(
        "content", [b"<OFX></OFX>", b"<OFX>", b"OFXHEADER:100\n\n<OFX><SONRS>"]
    )
    def test_a_file_without_a_statement_has_none(self, content: bytes) -> None:
        assert read(content) == StatementFile(format="ofx", statements=[], quarantined=[])

    @pytest.mark.parametrize("end", [-7, -40, 400, 330])
    def test_a_truncated_file_is_refused(self, end: int) -> None:
        result = OfxReader().read(ofx()[:end])

        expected = UnreadableStatement("The file ends before </OFX>: it is truncated.")
        assert result == Failure(expected)

    def test_a_file_with_a_truncated_second_part_is_refused(self) -> None:
        assert isinstance(OfxReader().read(ofx() + ofx()[:-20]), Failure)

    def test_declarations_are_refused(self) -> None:
        for declaration in ('<!DOCTYPE a [<!ENTITY b "c">]>', '<!entity b "c">'):
            result = OfxReader().read(declaration.encode() + ofx())
            assert isinstance(result, Failure)
            assert result.error.detail == (
                "The file declares a DOCTYPE or entities, which are not accepted."
            )

    @pytest.mark.parametrize(
        "content",
        [
            b"<OFX>\0" + ofx(),
            ofx(statement(transaction(name="a\0b"))).decode().encode("utf-16"),
            ofx().decode().encode("utf-16")[:-1],
        ],
    )
    def test_binary_content_is_refused(self, content: bytes) -> None:
        expected = UnreadableStatement("The file is binary: it contains NUL bytes.")
        assert OfxReader().read(content) == Failure(expected)

    def test_too_many_rows_are_refused(self) -> None:
        rows = [transaction(fitid=f"F{n}") for n in range(4)]

        result = OfxReader(max_rows=3).read(ofx(statement(*rows)))

        assert result == Failure(StatementTooLarge("A file has at most 3 rows."))

    @pytest.mark.parametrize(
        ("head", "is_known"),
        [
            (b"OFXHEADER:100", True),
            (b'<?xml version="1.0"?><?OFX OFXHEADER="200"?>', True),
            (b"\n <ofx>", True),
            ("<OFX>".encode("utf-16"), True),
            (b"date,amount", False),
            (b"\x89PNG", False),
            (b":20:STARTUMS", False),
        ],
    )
    def test_is_recognised_by_content(self, head: bytes, *, is_known: bool) -> None:
        assert OfxReader().recognises(head) is is_known


class TestStatements:
    def test_reads_bank_accounts(self) -> None:
        account = one_statement(ofx()).account

        assert (account.kind, account.number) == (AccountKind.CHECKING, "100200300")
        assert (account.institution, account.currency) == ("NORTHBANK", "EUR")

    @pytest.mark.parametrize(
        ("stated", "kind"),
        [
            ("SAVINGS", AccountKind.SAVINGS),
            ("MONEYMRKT", AccountKind.MONEY_MARKET),
            ("CREDITLINE", AccountKind.CREDIT_LINE),
            ("CD", AccountKind.CERTIFICATE_OF_DEPOSIT),
            ("SOMETHING", AccountKind.CHECKING),
        ],
    )
    def test_reads_kinds_of_bank_accounts(self, stated: str, kind: AccountKind) -> None:
        content = ofx().decode().replace("CHECKING", stated)

        assert one_statement(content).account.kind is kind

    def test_credit_cards_are_identified_by_their_bank(self) -> None:
        content = (
            "<OFX><SONRS><FI><ORG>Cardbank<FID>7</FI></SONRS><CCSTMTRS><CURDEF>USD"
            f"<CCACCTFROM><ACCTID>5566</CCACCTFROM><STMTTRN>{LEAVES}</STMTTRN></CCSTMTRS></OFX>"
        )
        account = one_statement(content).account

        assert (account.kind, account.institution) == (AccountKind.CREDIT_CARD, "Cardbank")

    def test_reads_investment_accounts(self) -> None:
        content = (
            "<OFX><INVSTMTRS><DTASOF>20260331<CURDEF>USD"
            "<INVACCTFROM><BROKERID>broker.example<ACCTID>77</INVACCTFROM><INVTRANLIST>"
            "<BUYSTOCK><INVBUY><INVTRAN><FITID>B1<DTTRADE>20260302<DTSETTLE>20260304</INVTRAN>"
            "<SECID><UNIQUEID>123456789<UNIQUEIDTYPE>CUSIP</SECID><UNITS>10<UNITPRICE>5"
            "<TOTAL>-50.00</INVBUY><BUYTYPE>BUY</BUYSTOCK>"
            "<TRANSFER><INVTRAN><FITID>T1<DTTRADE>20260303</INVTRAN><UNITS>3</TRANSFER>"
            f"<INVBANKTRAN><STMTTRN>{LEAVES}</STMTTRN><SUBACCTFUND>CASH</INVBANKTRAN>"
            "</INVTRANLIST><INVBAL><AVAILCASH>12.50</INVBAL></INVSTMTRS></OFX>"
        )

        read_in = one_statement(content)

        assert read_in.account.kind is AccountKind.INVESTMENT
        assert read_in.account.institution == "broker.example"
        bought, moved, booked = read_in.rows
        assert (bought.kind, bought.amount.amount) == (TransactionKind.BUY, Decimal("-50.00"))
        assert bought.value_date == date(2026, 3, 4)
        assert bought.raw["SECID.UNIQUEID"] == "123456789"
        assert (moved.kind, moved.amount.amount) == (TransactionKind.TRANSFER, Decimal(0))
        assert booked.amount.amount == Decimal("-1.00")
        cash = read_in.balance(BalanceKind.AVAILABLE)
        assert cash is not None
        assert (cash.money.amount, cash.day) == (Decimal("12.50"), date(2026, 3, 31))

    def test_every_statement_of_a_file_is_read(self) -> None:
        both = read(ofx(statement(transaction()), statement(transaction(), number="2"))).statements

        assert [each.account.number for each in both] == ["100200300", "2"]

    def test_reads_balances(self) -> None:
        stated = (
            "<LEDGERBAL><BALAMT>-1.234,50<DTASOF>20260331120000[-5:EST]</LEDGERBAL>"
            "<AVAILBAL><BALAMT>5<DTASOF>20260401</AVAILBAL>"
        )

        read_in = one_statement(ofx(statement(balance=stated)))

        booked = read_in.balance(BalanceKind.BOOKED)
        assert booked is not None
        assert (booked.money, booked.day) == (
            Money(Decimal("-1234.50"), "EUR"),
            date(2026, 3, 31),
        )
        assert read_in.balance(BalanceKind.AVAILABLE) is not None
        assert read_in.balance(BalanceKind.OPENING) is None

    @pytest.mark.parametrize(
        "stated",
        [
            "<LEDGERBAL></LEDGERBAL>",
            "<LEDGERBAL><BALAMT><DTASOF>20260331</LEDGERBAL>",
            "<LEDGERBAL><BALAMT>n/a<DTASOF>20260331</LEDGERBAL>",
            "<LEDGERBAL><BALAMT>1.00<DTASOF></LEDGERBAL>",
            "<LEDGERBAL><BALAMT>1.00<DTASOF>20269999</LEDGERBAL>",
        ],
    )
    def test_an_empty_balance_is_ignored(self, stated: str) -> None:
        assert one_statement(ofx(statement(transaction(), balance=stated))).balances == []

    @pytest.mark.parametrize("dated", ["", "<DTASOF>", "<DTASOF>00000000", "<DTASOF>00010101"])
    @pytest.mark.parametrize(
        ("period", "day"), [("<DTEND>20260330", date(2026, 3, 30)), ("", date(2026, 4, 2))]
    )
    def test_a_balance_without_a_day_has_that_of_its_statement(
        self, dated: str, period: str, day: date
    ) -> None:
        stated = f"<LEDGERBAL><BALAMT>310.55{dated}</LEDGERBAL>"
        content = ofx(statement(period, transaction(), balance=stated)).decode()
        sign_on = "<OFX><SIGNONMSGSRSV1><SONRS><DTSERVER>20260402</SONRS></SIGNONMSGSRSV1>"

        booked = one_statement(content.replace("<OFX>", sign_on)).balance(BalanceKind.BOOKED)

        assert booked is not None
        assert (booked.money.digits, booked.day) == ("310.55", day)

    def test_are_reports_of_one_type(self) -> None:
        assert one_statement(ofx()).report_type == "ofx"

    def test_rows_of_an_account_with_too_long_a_number_are_quarantined(self) -> None:
        file = read(ofx(statement(transaction(), transaction(), number="9" * 256)))

        assert file.statements == []
        assert [row.reason for row in file.quarantined] == [
            "the account's name is longer than 255 characters"
        ] * 2

    @pytest.mark.parametrize(
        ("values", "asked"),
        [
            ({"currency": ""}, [CURRENCY_ASKED]),
            ({"currency": "EURO"}, [CURRENCY_ASKED]),
            ({"currency": "", "number": ""}, [ACCOUNT_ASKED, CURRENCY_ASKED]),
        ],
    )
    def test_what_the_file_does_not_say_is_asked(
        self, values: dict[str, str], asked: list[Question]
    ) -> None:
        assert questions(ofx(statement(transaction(), **values))) == asked

    def test_the_import_asks_for_the_account_alone(self) -> None:
        (parsed,) = read(ofx(statement(transaction(), number=""))).statements

        assert parsed.account.number == ""

    @pytest.mark.parametrize("values", [{"currency": ""}, {"number": ""}, {}])
    def test_a_hint_says_what_the_file_does_not(self, values: dict[str, str]) -> None:
        hints = ReadingHints(account="Household", currency="USD")
        stated = {"currency": "EUR", "number": "100200300"} | values

        (parsed,) = read(ofx(statement(transaction(), **stated)), hints).statements

        assert parsed.account.currency == (stated["currency"] or "USD")
        assert parsed.account.number == (stated["number"] or "Household")
        assert parsed.rows[0].amount.currency == parsed.account.currency

    def test_without_an_account_an_empty_statement_is_none(self) -> None:
        assert read("<OFX><STMTRS></STMTRS><BANKTRANLIST></BANKTRANLIST></OFX>").statements == []

    @pytest.mark.parametrize(
        "content",
        [
            f"<OFX><BANKTRANLIST><DTSTART>20260301{transaction()}</BANKTRANLIST></OFX>",
            f"<OFX><STMTRS></STMTRS><DTSTART>20260301{transaction()}</OFX>",
            f"<OFX>{transaction()}</OFX>",
        ],
    )
    def test_rows_outside_a_statement_may_have_account_and_currency_by_hints(
        self, content: str
    ) -> None:
        hints = ReadingHints(account="Household", currency="EUR")

        (parsed,) = read(content, hints).statements

        assert questions(content) == [ACCOUNT_ASKED, CURRENCY_ASKED]
        assert (parsed.account.number, len(parsed.rows)) == ("Household", 1)

    def test_rows_outside_a_statement_may_name_their_account(self) -> None:
        content = f"<OFX><CURDEF>EUR<BANKACCTFROM><ACCTID>7</BANKACCTFROM>{transaction()}</OFX>"

        (parsed,) = read(content).statements

        assert (parsed.account.number, parsed.account.currency) == ("7", "EUR")

    def test_rows_of_a_loan_are_quarantined(self) -> None:
        content = (
            f"<OFX><LOANSTMTRS><CURDEF>EUR<LOANSTMTTRN>{LEAVES}</LOANSTMTTRN></LOANSTMTRS></OFX>"
        )

        (row,) = read(content).quarantined

        assert row.reason == "the row is not in a statement of a supported kind"

    def test_the_period_may_be_anywhere_in_the_list(self) -> None:
        dates = "<DTSTART>20260301<DTEND>20260331"
        for rows in (dates + transaction(), transaction() + dates):
            parsed = one_statement(ofx(statement(rows)))

            assert (parsed.first_day, parsed.last_day) == (date(2026, 3, 1), date(2026, 3, 31))

    @pytest.mark.parametrize("padding", [b"\0", b"\0" * 512, b"\r\n\x1a", b"\x1a\0\0"])
    def test_padding_behind_the_file_is_no_part_of_it(self, padding: bytes) -> None:
        assert read(ofx() + padding) == read(ofx())

    def test_a_missing_end_tag_loses_nothing(self) -> None:
        rows = "<STMTTRN>" + LEAVES + "<STMTTRN>" + LEAVES.replace("F1", "F2")

        assert [row.provider_id for row in one_statement(ofx(statement(rows))).rows] == ["F1", "F2"]

    def test_a_statement_with_quarantined_rows_is_not_complete(self) -> None:
        assert one_statement(ofx()).complete
        assert not one_statement(ofx(statement(transaction("?")))).complete
