"""The camt reader: what banks put into their messages, and what becomes of it."""

from datetime import date
from decimal import Decimal

import pytest

from adapters.statements.amounts import NOT_A_NUMBER, TOO_LONG
from adapters.statements.camt import CamtReader
from adapters.statements.limits import MAX_VALUE
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.questions import ACCOUNT_ASKED, CURRENCY_ASKED
from domain.ledger.values import Reconciliation, Statement, StatementFile, StatementRow
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.camt import NTRY, balance, entry, message, statement

UETR = "97ed4827-7b6f-4491-a06f-b548d5a7512d"


def read(content: bytes, hints: ReadingHints | None = None) -> StatementFile:
    result = CamtReader().read(content, hints or ReadingHints())
    assert isinstance(result, Success), result
    return result.value


def one(*entries: str, **parts: str) -> Statement:
    (only,) = read(message(statement(*entries, **parts))).statements
    return only


def row_of(body: str = NTRY) -> StatementRow:
    (row,) = one(entry(body)).rows
    return row


def reason_of(body: str) -> str:
    (row,) = read(message(statement(entry(body)))).quarantined
    return row.reason


class TestMessages:
    @pytest.mark.parametrize(
        ("root", "element"),
        [
            ("BkToCstmrAcctRpt", "Rpt"),
            ("BkToCstmrStmt", "Stmt"),
            ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
            ("BkToCstmrStmtV02", "Stmt"),
        ],
    )
    def test_reads_reports_statements_and_notifications(self, root: str, element: str) -> None:
        content = message(statement(entry(), element=element), root=root)

        (told,) = read(content).statements
        assert len(told.rows) == 1
        assert (
            told.report_type
            == {
                "Rpt": "camt.052",
                "Stmt": "camt.053",
                "Ntfctn": "camt.054",
            }[element]
        )

    def test_reads_elements_under_a_prefix(self) -> None:
        text = message(statement(entry())).decode()
        prefixed = text.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?")

        content = prefixed.replace("xmlns=", "xmlns:c=").encode()

        assert len(read(content).statements[0].rows) == 1

    def test_statements_of_a_message_stay_separate(self) -> None:
        file = read(message(statement(entry()), statement(entry(), entry(), iban="DE02")))

        assert [len(each.rows) for each in file.statements] == [1, 2]
        assert [each.account.number for each in file.statements] == ["DE01", "DE02"]

    def test_reports_the_line_of_each_entry(self) -> None:
        content = message(statement(entry(), entry()))
        lines = content.decode().split("\n")

        rows = read(content).statements[0].rows

        assert [lines[row.line - 1].strip() for row in rows] == ["<Ntry>", "<Ntry>"]

    def test_reads_account_bank_and_period(self) -> None:
        parsed = one(entry())

        assert (parsed.account.number, parsed.account.institution) == ("DE01", "NORTHBANK")
        assert (parsed.account.currency, parsed.number) == ("EUR", "7")
        assert (parsed.first_day, parsed.last_day) == (date(2026, 3, 1), date(2026, 3, 31))

    @pytest.mark.parametrize(
        ("numbers", "number"),
        [
            ("<ElctrncSeqNb>118</ElctrncSeqNb><LglSeqNb>97</LglSeqNb>", "97"),
            ("<ElctrncSeqNb>118</ElctrncSeqNb>", "118"),
            ("", "S1"),
        ],
    )
    def test_its_number_is_the_sequential_one(self, numbers: str, number: str) -> None:
        content = message(statement()).replace(b"<ElctrncSeqNb>7</ElctrncSeqNb>", numbers.encode())

        assert read(content).statements[0].number == number

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<Document/>",
            b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + message(statement(entry())),
            message(statement(entry()))[:-20],
            message(statement("<a>" * 100 + "</a>" * 100)),
        ],
    )
    def test_refuses_what_is_not_camt(self, content: bytes) -> None:
        result = CamtReader().read(content)

        assert isinstance(result, Failure)
        assert isinstance(result.error, UnreadableStatement)

    def test_limits_the_number_of_entries(self) -> None:
        content = message(statement(entry(), entry(), entry()))

        result = CamtReader(max_rows=2).read(content)

        assert result == Failure(StatementTooLarge("A file has at most 2 rows."))


class TestAccounts:
    def test_without_a_currency_a_hint_is_required(self) -> None:
        bare = message(statement(currency="", balances=""))

        assert isinstance(CamtReader().read(bare), Failure)
        parsed = read(bare, ReadingHints(currency="CHF")).statements[0]
        needed = CamtReader().read(bare)
        assert parsed.account.currency == "CHF"
        assert isinstance(needed, Failure)
        assert needed.error == HintNeeded.ask(CURRENCY_ASKED)

    def test_what_is_open_is_asked_at_once(self) -> None:
        bare = message(statement(currency="", iban="", balances=""))

        asked = CamtReader().read(bare)

        assert isinstance(asked, Failure)
        assert asked.error == HintNeeded.ask(ACCOUNT_ASKED, CURRENCY_ASKED)

    def test_the_currency_of_a_balance_is_sufficient(self) -> None:
        assert one(currency="", balances=balance("OPBD", "1.00")).account.currency == "EUR"

    def test_a_number_need_not_be_an_iban(self) -> None:
        content = message(statement()).replace(
            b"<IBAN>DE01</IBAN>", b"<Othr><Id>12-345</Id></Othr>"
        )

        assert read(content).statements[0].account.number == "12-345"

    def test_a_name_that_is_too_long_quarantines_its_rows(self) -> None:
        file = read(message(statement(entry(), iban="9" * 300)))

        assert [row.reason for row in file.quarantined] == [
            "the account's name is longer than 255 characters"
        ]


class TestEntries:
    def test_a_debit_is_negative(self) -> None:
        row = row_of()

        assert row.amount == Money(Decimal("-12.50"), "EUR")
        assert (row.booking_date, row.value_date) == (date(2026, 3, 1), date(2026, 3, 2))
        assert (row.provider_id, row.pending) == ("B1", False)
        assert row.description == "Coffee house – Invoice 7"
        assert row.raw["NtryDtls.TxDtls.Refs.EndToEndId"] == "E1"

    def test_a_credit_has_its_debtor(self) -> None:
        row = row_of(NTRY.replace("DBIT", "CRDT"))

        assert row.amount.amount == Decimal("12.50")
        assert row.description == "Ada – Invoice 7"

    def test_a_reversal_has_its_own_direction(self) -> None:
        row = row_of(NTRY.replace("<Sts>", "<RvslInd>true</RvslInd><Sts>"))

        assert row.amount.amount == Decimal("-12.50")

    @pytest.mark.parametrize("status", ["<Sts>INFO</Sts>", "<Sts><Cd>INFO</Cd></Sts>"])
    def test_that_are_informational_are_not_booked(self, status: str) -> None:
        content = message(statement(entry(NTRY.replace("<Sts>BOOK</Sts>", status)), entry()))

        file = read(content)

        assert len(file.statements[0].rows) == 1
        (quarantined,) = file.quarantined
        assert quarantined.reason == "the entry is for information only: nothing is booked"

    @pytest.mark.parametrize(
        "status", ["<Sts>PDNG</Sts>", "<Sts><Cd>PDNG</Cd></Sts>", "<Sts><Cd>FUTR</Cd></Sts>"]
    )
    def test_a_pending_entry_is_marked(self, status: str) -> None:
        assert row_of(NTRY.replace("<Sts>BOOK</Sts>", status)).pending

    def test_the_date_of_a_timestamp_is_used_as_written(self) -> None:
        late = "<BookgDt><DtTm>2026-03-01T23:59:59-11:00</DtTm></BookgDt>"

        row = row_of(NTRY.replace("<BookgDt><Dt>2026-03-01</Dt></BookgDt>", late))

        assert row.booking_date == date(2026, 3, 1)

    def test_without_a_booking_date_the_value_date_is_used(self) -> None:
        row = row_of(NTRY.replace("<BookgDt><Dt>2026-03-01</Dt></BookgDt>", ""))

        assert row.booking_date == date(2026, 3, 2)

    def test_a_statement_of_one_day_books_everything_on_it(self) -> None:
        undated = entry("<Amt>1</Amt><CdtDbtInd>CRDT</CdtDbtInd>")
        day = balance("OPBD", "1.00") + balance("CLBD", "2.00")

        parsed = one(undated, balances=day)

        assert [row.booking_date for row in parsed.rows] == [date(2026, 3, 31)]
        assert parsed.reconciliation is Reconciliation.BALANCED

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (("12.50", "12,50"), NOT_A_NUMBER),
            (("12.50", "0.12345678901"), TOO_LONG),
            (("DBIT", "BOTH"), "neither credit nor debit"),
            (('Ccy="EUR"', 'Ccy="E"'), "the currency is not an ISO 4217 code"),
            (("B1", "9" * 300), "the bank's id is longer than 255 characters"),
            (("Invoice 7", "x" * 20_000), "a value is longer than 10,000 characters"),
            (("2026-03-0", "1-"), "no booking date"),
        ],
    )
    def test_an_invalid_entry_is_quarantined(self, change: tuple[str, str], reason: str) -> None:
        assert reason_of(NTRY.replace(*change)) == reason

    def test_a_batch_is_one_row_with_some_names(self) -> None:
        details = "".join(
            f"<TxDtls><RltdPties><Cdtr><Nm>Payee {n}</Nm></Cdtr></RltdPties></TxDtls>"
            for n in range(5)
        )
        row = row_of(NTRY.split("<NtryDtls>")[0] + f"<NtryDtls>{details}</NtryDtls>")

        assert row.description == "Payee 0, Payee 1, Payee 2 and 2 more"
        assert len(row.raw["NtryDtls.TxDtls.RltdPties.Cdtr.Nm"].split("\n")) == 5

    def test_a_batch_description_may_be_truncated(self) -> None:
        parties = "".join(
            f"<TxDtls><RltdPties><Cdtr><Nm>Payee {number}</Nm></Cdtr></RltdPties></TxDtls>"
            for number in range(2_000)
        )

        row = row_of(f"{NTRY.partition('<NtryDtls>')[0]}<NtryDtls>{parties}</NtryDtls>")

        assert row.description == "Payee 0, Payee 1, Payee 2 and more"
        stated = row.raw["NtryDtls.TxDtls.RltdPties.Cdtr.Nm"]
        assert stated.startswith("Payee 0\nPayee 1\n")
        assert stated.endswith("\n…")
        assert MAX_VALUE - 20 < len(stated) <= MAX_VALUE

    @pytest.mark.parametrize("reference", ["NOTPROVIDED", "NONREF", "0", "-"])
    def test_have_no_id_by_a_placeholder(self, reference: str) -> None:
        assert row_of(NTRY.replace("B1", reference)).provider_id is None

    @pytest.mark.parametrize(
        ("references", "bank_id"),
        [
            ("<AcctSvcrRef>T1</AcctSvcrRef><TxId>X1</TxId>", "T1"),
            ("<AcctSvcrRef>NONREF</AcctSvcrRef><TxId>X1</TxId>", "X1"),
            ("<TxId>NOTPROVIDED</TxId>", None),
            (f"<TxId>NONREF</TxId><UETR>{UETR}</UETR>", UETR),
            (f"<TxId>X1</TxId><UETR>{UETR}</UETR>", "X1"),
            ("<EndToEndId>E1</EndToEndId><InstrId>I1</InstrId>", None),
            (f"<TxId>{'x1' * 200}</TxId>", None),
        ],
    )
    def test_without_an_id_have_that_of_their_transaction(
        self, references: str, bank_id: str | None
    ) -> None:
        body = NTRY.replace("B1", "NOTPROVIDED").replace("<EndToEndId>E1</EndToEndId>", references)

        assert row_of(body).provider_id == bank_id

    def test_of_a_batch_have_no_id_of_one_of_its_transactions(self) -> None:
        details = "".join(f"<TxDtls><Refs><TxId>X{n}</TxId></Refs></TxDtls>" for n in range(1, 6))
        body = NTRY.split("<AcctSvcrRef>")[0] + f"<NtryDtls>{details}</NtryDtls>"

        row = row_of(body)

        assert (row.provider_id, row.description) == (None, "X1, X2, X3")

    def test_without_an_id_name_their_references(self) -> None:
        body = NTRY.replace("B1", "NONREF").replace(
            "</EndToEndId>", "</EndToEndId><InstrId>NOTPROVIDED</InstrId><MndtId>M-7</MndtId>"
        )

        assert row_of(body).description == "Coffee house – Invoice 7 – E1, M-7"
        assert row_of(body).raw["NtryDtls.TxDtls.Refs.MndtId"] == "M-7"

    @pytest.mark.parametrize(
        "element",
        [
            *("<Refs><PmtInfId>77</PmtInfId></Refs>", "<Refs><ClrSysRef>77</ClrSysRef></Refs>"),
            *(
                "<Refs><Prtry><Tp>A</Tp><Ref>77</Ref></Prtry></Refs>",
                "<Refs><PrcgId>77</PrcgId></Refs>",
            ),
            "<RltdPties><CdtrAcct><Id><IBAN>77</IBAN></Id></CdtrAcct></RltdPties>",
            "<RmtInf><Strd><CdtrRefInf><Ref>77</Ref></CdtrRefInf></Strd></RmtInf>",
        ],
    )
    def test_without_an_id_name_whatever_tells_them_apart(self, element: str) -> None:
        body = NTRY.replace("B1", "NONREF").replace("</TxDtls>", f"{element}</TxDtls>")

        assert row_of(body).description == "Coffee house – Invoice 7 – E1, 77"

    def test_name_a_reference_once(self) -> None:
        body = NTRY.replace("B1", "NONREF").replace("Invoice 7", "Invoice E1")

        assert row_of(body).description == "Coffee house – Invoice E1"

    def test_name_the_account_of_a_party_without_a_name(self) -> None:
        account = "<CdtrAcct><Id><IBAN>DE09</IBAN></Id></CdtrAcct>"
        body = NTRY.replace("<Cdtr><Nm>Coffee house</Nm></Cdtr>", account)

        assert row_of(body).description == "DE09 – Invoice 7"

    def test_with_an_id_name_no_references(self) -> None:
        assert row_of().description == "Coffee house – Invoice 7"

    def test_newer_versions_nest_a_party_one_level_deeper(self) -> None:
        deeper = NTRY.replace("<Cdtr><Nm>Coffee house</Nm>", "<Cdtr><Pty><Nm>Tea house</Nm></Pty>")

        assert row_of(deeper).description.startswith("Tea house")

    @pytest.mark.parametrize(
        ("amount", "exchange", "rate"),
        [
            # The amounts decide: 12.50 EUR were booked.
            ("13.75", "<XchgRate>1.1</XchgRate>", "0.9090909091"),
            ("10.00", "<XchgRate>1.25</XchgRate>", "1.25"),
            ("13.75", "<UnitCcy>EUR</UnitCcy><XchgRate>1.1</XchgRate>", "0.9090909091"),
            ("13.75", "<UnitCcy>USD</UnitCcy><XchgRate>1.1</XchgRate>", "0.9090909091"),
            ("13.75", "<UnitCcy>USD</UnitCcy><XchgRate>0.909091</XchgRate>", "0.909091"),
            ("13.75", "<UnitCcy>EUR</UnitCcy><XchgRate>0.909091</XchgRate>", "0.909091"),
            # Near 1, both ways fit, and the unit decides.
            ("12.52", "<UnitCcy>EUR</UnitCcy><XchgRate>1.002</XchgRate>", "0.9980039920"),
            ("12.52", "<UnitCcy>USD</UnitCcy><XchgRate>1.002</XchgRate>", "1.002"),
            # No rate fits the amount of one of several transactions: then it is as it is stated.
            ("99.00", "<UnitCcy>EUR</UnitCcy><XchgRate>1.1</XchgRate>", "0.9090909091"),
            ("99.00", "<UnitCcy>USD</UnitCcy><XchgRate>1.1</XchgRate>", "1.1"),
            ("99.00", "<SrcCcy>USD</SrcCcy><XchgRate>1.1</XchgRate>", "1.1"),
            ("99.00", "<SrcCcy>EUR</SrcCcy><XchgRate>1.1</XchgRate>", "0.9090909091"),
            ("99.00", "<TrgtCcy>EUR</TrgtCcy><XchgRate>1.1</XchgRate>", "1.1"),
            ("99.00", "<TrgtCcy>USD</TrgtCcy><XchgRate>1.1</XchgRate>", "0.9090909091"),
            ("99.00", "<XchgRate>1.1</XchgRate>", "1.1"),
            # A rate between other currencies is not that of the row.
            ("13.75", "<SrcCcy>USD</SrcCcy><TrgtCcy>CHF</TrgtCcy><XchgRate>1.1</XchgRate>", None),
            ("13.75", "<XchgRate>0</XchgRate>", None),
            ("13.75", "<XchgRate>?</XchgRate>", None),
            ("13.75", "", None),
        ],
    )
    def test_an_exchange_rate_is_what_one_of_the_original_costs(
        self, amount: str, exchange: str, rate: str | None
    ) -> None:
        converted = (
            f'<AmtDtls><InstdAmt><Amt Ccy="USD">{amount}</Amt><CcyXchg>{exchange}</CcyXchg>'
            "</InstdAmt></AmtDtls><Sts>"
        )

        row = row_of(NTRY.replace("<Sts>", converted))

        assert row.original_currency == "USD"
        assert row.exchange_rate == (rate and Decimal(rate))

    def test_an_exchange_rate_may_be_beside_the_counter_value(self) -> None:
        converted = (
            '<AmtDtls><InstdAmt><Amt Ccy="USD">13.75</Amt></InstdAmt><TxAmt><Amt Ccy="EUR">12.50'
            '</Amt></TxAmt><CntrValAmt><Amt Ccy="EUR">12.50</Amt><CcyXchg><SrcCcy>EUR</SrcCcy>'
            "<TrgtCcy>USD</TrgtCcy><XchgRate>1.1</XchgRate></CcyXchg></CntrValAmt></AmtDtls><Sts>"
        )

        row = row_of(NTRY.replace("<Sts>", converted))

        assert row.exchange_rate == Decimal("0.9090909091")

    @pytest.mark.parametrize(
        ("family", "sub_family", "kind"),
        [
            ("RDDT", "ESDD", TransactionKind.DIRECT_DEBIT),
            ("CCRD", "POSD", TransactionKind.POINT_OF_SALE),
            ("CCRD", "CWDL", TransactionKind.ATM),
            ("MDOP", "CHRG", TransactionKind.FEE),
            ("XXXX", "YYYY", TransactionKind.DEBIT),
        ],
    )
    def test_a_transaction_type_is_recognised(
        self, family: str, sub_family: str, kind: TransactionKind
    ) -> None:
        codes = f"<Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly>"
        code = f"<BkTxCd><Domn><Cd>PMNT</Cd>{codes}</Domn></BkTxCd><Sts>"

        assert row_of(NTRY.replace("<Sts>", code)).kind is kind


class TestBalances:
    def test_opening_and_closing_reconcile_the_rows(self) -> None:
        balances = balance("OPBD", "100.00", day="2026-02-28") + balance("CLBD", "87.50")

        assert one(entry(), balances=balances).reconciliation is Reconciliation.BALANCED
        assert one(entry(), entry(), balances=balances).reconciliation is Reconciliation.UNBALANCED

    def test_a_debit_balance_is_negative(self) -> None:
        parsed = one(balances=balance("CLBD", "5.00", "DBIT")).balance(BalanceKind.BOOKED)

        assert parsed
        assert parsed.money.amount == Decimal("-5.00")

    def test_the_previous_closing_balance_is_the_opening_balance_by_default(self) -> None:
        before = balance("PRCD", "1.00")
        both = balance("OPBD", "2.00") + before

        for balances, amount in ((before, "1.00"), (both, "2.00")):
            openings = [b for b in one(balances=balances).balances if b.kind is BalanceKind.OPENING]
            assert [str(each.money.amount) for each in openings] == [amount]

    def test_other_balances_are_ignored(self) -> None:
        assert not one(balances=balance("CLBD", "much")).balances

    DAYS = (
        balance("OPBD", "100", day="2026-03-13")
        + balance("CLBD", "95", day="2026-03-13")
        + balance("OPBD", "95", day="2026-03-14")
        + balance("CLBD", "89", day="2026-03-14")
    )

    def test_of_several_days_open_with_the_first_and_close_with_the_last(self) -> None:
        told = one(balances=self.DAYS)
        opening, closing = told.balance(BalanceKind.OPENING), told.balance(BalanceKind.BOOKED)

        assert opening
        assert closing
        assert (opening.money.digits, opening.day) == ("100.00", date(2026, 3, 13))
        assert (closing.money.digits, closing.day) == ("89.00", date(2026, 3, 14))
        assert [each.money.digits for each in told.balances] == ["100.00", "95.00", "89.00"]

    def test_may_open_a_day_with_the_date_of_the_day_before(self) -> None:
        days = self.DAYS.replace("<Dt>2026-03-13</Dt></Dt></Bal><Bal><Tp><CdOrPrtry><Cd>CLBD", "@")
        days = days.replace("@", "<Dt>2026-03-12</Dt></Dt></Bal><Bal><Tp><CdOrPrtry><Cd>CLBD")
        days = days.replace("95</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-14", "95</Amt>@")
        days = days.replace("@", "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-13")

        opening = one(balances=days).balance(BalanceKind.OPENING)

        assert opening
        assert (opening.money.digits, opening.day) == ("100.00", date(2026, 3, 12))

    def test_of_days_that_do_not_follow_balance_nothing(self) -> None:
        days = self.DAYS.replace(">95</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-14", ">90@")
        days = days.replace("@", "</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-14")
        rows = [
            entry(NTRY.replace("12.50", amount).replace("2026-03-01", f"2026-03-{day}"))
            for amount, day in [("5.00", 13), ("6.00", 14)]
        ]

        assert one(*rows, balances=self.DAYS).reconciliation is Reconciliation.BALANCED
        assert one(*rows, balances=days).reconciliation is Reconciliation.UNBALANCED

    def test_may_open_with_the_closing_before_a_day_that_has_no_other(self) -> None:
        days = balance("PRCD", "100", day="2026-03-12") + self.DAYS.partition("</Bal>")[2]

        opening = one(balances=days).balance(BalanceKind.OPENING)

        assert opening
        assert opening.money.digits == "100.00"

    @pytest.mark.parametrize(
        "dated", ["", "<Dt><Dt>00000000</Dt></Dt>", "<Dt><Dt>0001-01-01</Dt></Dt>"]
    )
    def test_without_a_date_have_that_of_the_statement(self, dated: str) -> None:
        balances = balance("OPBD", "100") + balance("CLBD", "87.50")
        undated = balances.replace("<Dt><Dt>2026-03-31</Dt></Dt>", dated)

        told = one(entry(), balances=undated)

        assert [each.day for each in told.balances] == [date(2026, 3, 1), date(2026, 3, 31)]
        assert told.reconciliation is Reconciliation.BALANCED

    def test_without_any_date_have_that_on_which_the_statement_was_made(self) -> None:
        content = message(statement(balances=balance("CLBD", "1", day="")))
        period, made = (
            b"<FrDtTm>2026-03-01T00:00:00</FrDtTm><ToDtTm>2026-03-31T23:59:59</ToDtTm>",
            b"",
        )
        content = content.replace(b"<FrToDt>" + period + b"</FrToDt>", made)

        assert read(content).statements[0].balances == []
        dated = content.replace(b"<Acct>", b"<CreDtTm>2026-04-01T08:00:00</CreDtTm><Acct>")
        assert [each.day for each in read(dated).statements[0].balances] == [date(2026, 4, 1)]

    def test_without_a_date_give_none_to_rows(self) -> None:
        balances = balance("OPBD", "100", day="") + balance("CLBD", "87.50", day="")
        undated = NTRY.replace("<BookgDt><Dt>2026-03-01</Dt></BookgDt>", "")
        undated = undated.replace("<ValDt><Dt>2026-03-02</Dt></ValDt>", "")
        content = message(statement(entry(undated), balances=balances)).decode()
        of_a_day = content.replace("2026-03-01T00", "2026-03-31T00")

        assert [row.reason for row in read(of_a_day.encode()).quarantined] == ["no booking date"]
