"""The reader of Enable Banking's answers: what is in them, and what becomes of it."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.amounts import NOT_A_NUMBER
from adapters.statements.camt import CamtReader
from adapters.statements.enable_banking import WITHDRAWN, EnableBankingReader
from domain.ledger.errors import HintNeeded, UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.questions import ACCOUNT_ASKED, CURRENCY_ASKED
from domain.ledger.values import StatedBalance, Statement, StatementFile, StatementRow
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests import camt
from tests.enable_banking_answers import ACCOUNT, IBAN, balance_of, document, entry_of

HASH = ACCOUNT["identification_hash"]


def read(content: bytes, hints: ReadingHints | None = None) -> StatementFile:
    result = EnableBankingReader().read(content, hints or ReadingHints())
    assert isinstance(result, Success), result
    return result.value


def one(*entries: Any, **parts: Any) -> Statement:
    (only,) = read(document(*entries, **parts)).statements
    return only


def row_of(amount: str = "-12.50", **members: Any) -> StatementRow:
    (row,) = one(entry_of(amount, **members)).rows
    return row


def reason_of(amount: str = "-12.50", **members: Any) -> str:
    (row,) = read(document(entry_of(amount, **members))).quarantined
    return row.reason


class TestAccounts:
    def test_reads_account_bank_and_period(self) -> None:
        read = one(entry_of("-12.50"))

        assert (read.account.number, read.account.institution) == (IBAN, "NDEAFIHH")
        assert (read.account.currency, read.account.kind) == ("EUR", AccountKind.CHECKING)
        assert (read.first_day, read.last_day) == (date(2026, 3, 1), date(2026, 3, 31))
        assert read.pending_day == date(2026, 3, 31)

    @pytest.mark.parametrize(
        ("identity", "number"),
        [
            ({"account_id": {"other": {"identification": "4711", "scheme_name": "BBAN"}}}, "4711"),
            ({"account_id": None, "all_account_ids": [{"identification": "4712"}]}, "4712"),
            ({"account_id": None}, HASH),
        ],
    )
    def test_its_number_need_not_be_an_iban(self, identity: Any, number: str) -> None:
        assert one(account={**ACCOUNT, **identity}).account.number == number

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("CARD", AccountKind.CREDIT_CARD),
            ("SVGS", AccountKind.SAVINGS),
            ("OTHR", AccountKind.OTHER),
        ],
    )
    def test_has_a_kind(self, code: str, kind: AccountKind) -> None:
        assert one(account={**ACCOUNT, "cash_account_type": code}).account.kind is kind

    def test_a_bank_without_a_bic_has_its_name(self) -> None:
        assert one(account={**ACCOUNT, "account_servicer": None}).account.institution == "North"

    def test_the_currency_of_a_transaction_is_sufficient(self) -> None:
        account = {**ACCOUNT, "currency": "XXX"}

        assert one(entry_of("1.00"), account=account).account.currency == "EUR"
        assert one(balances=[balance_of("CLBD", "1")], account=account).account.currency == "EUR"

    def test_what_is_open_is_asked_at_once(self) -> None:
        asked = EnableBankingReader().read(document(account={}))

        assert isinstance(asked, Failure)
        assert asked.error == HintNeeded.ask(ACCOUNT_ASKED, CURRENCY_ASKED)

    def test_a_name_that_is_too_long_quarantines_its_rows(self) -> None:
        account = {**ACCOUNT, "account_id": {"iban": "9" * 300}}

        assert [
            row.reason for row in read(document(entry_of("1"), account=account)).quarantined
        ] == ["the account's name is longer than 255 characters"]


class TestTransactions:
    def test_a_debit_is_negative(self) -> None:
        row = row_of()

        assert row.amount == Money(Decimal("-12.50"), "EUR")
        assert (row.booking_date, row.value_date) == (date(2026, 3, 13), date(2026, 3, 14))
        assert (row.provider_id, row.pending) == ("E1", False)
        assert (row.payee, row.memo) == ("Coffee house", "Invoice 7")
        assert row.description == "Coffee house – Invoice 7"
        assert row.raw["creditor.name"] == "Coffee house"

    def test_the_id_of_the_details_identifies_nothing(self) -> None:
        row = row_of(reference=None)

        assert row.provider_id is None
        assert row.raw["transaction_id"]

    def test_without_an_id_the_accounts_tell_payments_apart(self) -> None:
        row = row_of(
            reference=None, creditor_account={"iban": "DE02"}, reference_number="RF18539007547034"
        )

        assert row.description == "Coffee house – Invoice 7 – RF18539007547034, DE02"

    @pytest.mark.parametrize("status", ["PDNG", "HOLD", "SCHD", "FUTR"])
    def test_what_is_not_booked_is_pending(self, status: str) -> None:
        row = row_of(status=status, booking_date=None, transaction_date="2026-03-12")

        assert row.pending
        assert row.booking_date == date(2026, 3, 12)

    @pytest.mark.parametrize("status", [None, "OTHR", "NEW?"])
    def test_without_a_status_the_booking_date_decides(self, status: str | None) -> None:
        assert not row_of(status=status).pending
        assert row_of(status=status, booking_date=None).pending

    @pytest.mark.parametrize("status", ["CNCL", "RJCT"])
    def test_what_the_bank_withdraws_is_no_row(self, status: str) -> None:
        file = read(document(entry_of("-1.00", status=status)))

        (statement,) = file.statements
        assert statement.rows == []
        assert [row.provider_id for row in statement.withdrawn] == ["E1"]
        assert [row.reason for row in file.quarantined] == [WITHDRAWN]
        assert statement.complete
        assert statement.pending_day

    def test_that_are_informational_are_not_booked(self) -> None:
        expected = "the entry is for information only: nothing is booked"

        assert reason_of(status="INFO") == expected

    @pytest.mark.parametrize(
        ("amount", "direction", "expected"),
        [
            ("-12.50", "DBIT", Decimal("-12.50")),
            ("-12.50", None, Decimal("-12.50")),
            ("1E+2", "CRDT", Decimal(100)),
            (12.5, "DBIT", Decimal("-12.5")),
            ("-0.00", "CRDT", Decimal(0)),
        ],
    )
    def test_signs_are_understood(
        self, amount: Any, direction: str | None, expected: Decimal
    ) -> None:
        stated = {"amount": amount, "currency": "EUR"}

        row = row_of(transaction_amount=stated, credit_debit_indicator=direction)

        assert row.amount.amount == expected

    @pytest.mark.parametrize(
        ("members", "reason"),
        [
            ({"transaction_amount": {"amount": "1,5"}}, NOT_A_NUMBER),
            ({"transaction_amount": None}, NOT_A_NUMBER),
            ({"credit_debit_indicator": None}, "neither credit nor debit"),
            (
                {"transaction_amount": {"amount": "-1"}, "credit_debit_indicator": "CRDT"},
                "the amount is negative, and yet a credit",
            ),
            (
                {"transaction_amount": {"amount": "1", "currency": "https://points"}},
                "the currency is not an ISO 4217 code",
            ),
            ({"booking_date": "2026-02-30", "value_date": None}, "no booking date"),
            (
                {"remittance_information": ["x" * 10_001]},
                "a value is longer than 10,000 characters",
            ),
            ({"reference": "x" * 256}, "the bank's id is longer than 255 characters"),
        ],
    )
    def test_what_cannot_be_read_is_quarantined(self, members: Any, reason: str) -> None:
        assert reason_of(**members) == reason

    @pytest.mark.parametrize("item", [None, 1, "text", [], {}])
    def test_an_item_that_is_no_transaction_does_not_stop_others(self, item: Any) -> None:
        file = read(document(item, entry_of("-1.00")))

        assert len(file.statements[0].rows) == 1
        assert [each.line for each in file.quarantined] == [6]
        assert file.statements[0].pending_day is None

    @pytest.mark.parametrize(
        ("code", "sub_code", "kind"),
        [
            ("PMNT", "ICDT-ESCT", TransactionKind.TRANSFER),
            ("PMNT-CCRD-POSD", None, TransactionKind.POINT_OF_SALE),
            ("CCRD", "CWDL", TransactionKind.ATM),
            ("ACMT", "CHRG", TransactionKind.FEE),
            ("9001", "x", TransactionKind.DEBIT),
        ],
    )
    def test_has_a_kind(self, code: str, sub_code: str | None, kind: TransactionKind) -> None:
        stated = {"code": code, "sub_code": sub_code, "description": "x"}

        assert row_of(bank_transaction_code=stated).kind is kind

    def test_an_amount_that_was_converted_has_its_rate(self) -> None:
        rate = {
            "unit_currency": "USD",
            "exchange_rate": "0.92",
            "instructed_amount": {"amount": "13.59", "currency": "USD"},
        }

        row = row_of(exchange_rate=rate)

        assert (row.original_currency, row.exchange_rate) == ("USD", Decimal("0.92"))

    def test_contains_nothing_that_a_database_refuses(self) -> None:
        row = row_of(creditor={"name": "Coffee\0 \ud800house\x1b[31m"}, reference="E\0")

        assert (row.payee, row.provider_id) == ("Coffee house [31m", "E")
        assert all(each.isprintable() for each in row.raw.values())


class TestBalances:
    @pytest.mark.parametrize(
        ("codes", "kinds"),
        [
            (["CLBD", "ITBD", "ITAV", "XPCD"], ["CLBD", "ITAV"]),
            (["ITBD", "CLAV", "OPBD", "PRCD"], ["ITBD", "CLAV"]),
            (["XPCD"], ["XPCD"]),
            (["OTHR", "VALU", "INFO"], []),
        ],
    )
    def test_one_of_each_kind_is_used(self, codes: list[str], kinds: list[str]) -> None:
        stated = [balance_of(code, f"{place}.00") for place, code in enumerate(codes)]

        read = one(balances=stated).balances

        assert [each.money.amount for each in read] == [codes.index(each) for each in kinds]

    def test_a_balance_without_a_day_is_of_the_day_of_retrieval(self) -> None:
        (balance,) = one(balances=[balance_of("ITBD", "-5", None)]).balances

        expected = StatedBalance(
            kind=BalanceKind.BOOKED, money=Money(Decimal(-5), "EUR"), day=date(2026, 3, 31)
        )
        assert balance == expected


class TestPeriods:
    def test_days_of_history_do_not_list_all_that_is_pending(self) -> None:
        retrieval = {
            "first_day": "2026-01-01",
            "last_day": "2026-01-31",
            "retrieved_at": "2026-03-31T09:00:00Z",
        }

        read = one(entry_of("-1.00"), retrieval=retrieval)

        assert (read.first_day, read.pending_day) == (date(2026, 1, 1), None)

    def test_an_answer_that_another_program_has_saved_names_no_account(self) -> None:
        content = json.dumps({"transactions": [entry_of("-1")], "continuation_key": None}).encode()

        read = EnableBankingReader().read(content, ReadingHints(account="Household"))

        assert EnableBankingReader().recognises(content)
        assert isinstance(read, Success)
        (statement,) = read.value.statements
        assert (statement.account.number, len(statement.rows)) == ("Household", 1)
        assert (statement.first_day, statement.last_day) == (None, None)

    @pytest.mark.parametrize(
        "content",
        [b"", b"[]", b"{}", b'{"transactions": []}', document()[:-9], document() + b"x", b"{,}"],
    )
    def test_refuses_what_is_no_answer(self, content: bytes) -> None:
        result = EnableBankingReader().read(content)

        assert isinstance(result, Failure)
        assert isinstance(result.error, UnreadableStatement)


# --- The same account in camt, which another reader reads.

TEXTS = st.text(st.sampled_from("Aé7 &"), min_size=1, max_size=12)
TEXTS = TEXTS.map(lambda text: " ".join(text.split())).filter(bool)
DAYS = st.dates(date(2026, 3, 1), date(2026, 3, 31)).map(date.isoformat)
FAMILIES = st.sampled_from([("RCDT", "ESCT"), ("ICDT", "SALA"), ("CCRD", "POSD"), ("NTAV", "x")])
ENTRIES = st.fixed_dictionaries(
    {
        "amount": st.decimals("0.01", 9_999, places=2).map(str),
        "direction": st.sampled_from(["DBIT", "CRDT"]),
        "status": st.sampled_from(["BOOK", "PDNG"]),
        "days": st.tuples(DAYS, DAYS),
        "name": TEXTS,
        "iban": st.sampled_from(["DE02120300000000202051", "NL02ABNA0123456789"]),
        "about": TEXTS.map("Invoice {}".format),
        "family": FAMILIES,
    }
)


def in_camt(number: int, each: dict[str, Any]) -> str:
    role = "Cdtr" if each["direction"] == "DBIT" else "Dbtr"
    (booked, valued), (family, sub_family) = each["days"], each["family"]
    name, about = (text.replace("&", "&amp;") for text in (each["name"], each["about"]))
    return camt.entry(
        f"<Amt Ccy='EUR'>{each['amount']}</Amt><CdtDbtInd>{each['direction']}</CdtDbtInd>"
        f"<Sts><Cd>{each['status']}</Cd></Sts>"
        f"<BookgDt><Dt>{booked}</Dt></BookgDt><ValDt><Dt>{valued}</Dt></ValDt>"
        f"<AcctSvcrRef>R{number}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd>"
        f"</Fmly></Domn></BkTxCd><NtryDtls><TxDtls><RltdPties><{role}><Nm>{name}</Nm></{role}>"
        f"<{role}Acct><Id><IBAN>{each['iban']}</IBAN></Id></{role}Acct></RltdPties>"
        f"<RmtInf><Ustrd>{about}</Ustrd></RmtInf></TxDtls></NtryDtls>"
    )


def in_json(number: int, each: dict[str, Any]) -> dict[str, Any]:
    role = "creditor" if each["direction"] == "DBIT" else "debtor"
    (booked, valued), (family, sub_family) = each["days"], each["family"]
    return {
        "entry_reference": f"R{number}",
        "transaction_amount": {"amount": each["amount"], "currency": "EUR"},
        "credit_debit_indicator": each["direction"],
        "status": each["status"],
        "booking_date": booked,
        "value_date": valued,
        role: {"name": each["name"]},
        f"{role}_account": {"iban": each["iban"]},
        "remittance_information": [each["about"]],
        "bank_transaction_code": {"code": family, "sub_code": sub_family, "description": None},
    }


def comparable(statement: Statement) -> tuple[object, ...]:
    rows = [replace(row, line=0, raw={}) for row in statement.rows]
    return rows, statement.balances, statement.account, statement.first_day, statement.last_day


@given(entries=st.lists(ENTRIES, max_size=8))
def test_reads_what_another_reader_reads_of_the_same_account(
    entries: list[dict[str, Any]],
) -> None:
    closing = camt.balance("CLBD", "20.00", "DBIT") + camt.balance("CLAV", "30.00")
    rows = (in_camt(number, each) for number, each in enumerate(entries))
    message = camt.message(camt.statement(*rows, iban=IBAN, balances=closing))
    expected = CamtReader().read(message.replace(b"NORTHBANK", b"NDEAFIHH"))
    assert isinstance(expected, Success)

    read = one(
        *(in_json(number, each) for number, each in enumerate(entries)),
        balances=[balance_of("CLBD", "-20.00"), balance_of("CLAV", "30.00")],
    )

    assert comparable(read) == comparable(expected.value.statements[0])
