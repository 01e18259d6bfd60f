"""Who was paid, from which account, under which reference, and why: each format has its fields."""

from typing import NamedTuple

import pytest

from adapters.statements.readers import statement_readers
from domain.ledger.hints import DateOrder, ReadingHints
from domain.ledger.values import StatementRow
from domain.shared.result import Success
from tests.camt import entry, message, statement
from tests.statements import ofx
from tests.statements import statement as ofx_statement

READERS = {reader.format: reader for reader in statement_readers()}
HINTS = ReadingHints(
    currency="EUR", account="Household", date_order=DateOrder.DAY_FIRST, charges_positive=False
)


class Parties(NamedTuple):
    payee: str = ""
    counterparty_account: str = ""
    reference: str = ""
    memo: str = ""


def row_of(format: str, content: str | bytes) -> StatementRow:
    file = content.encode() if isinstance(content, str) else content
    read = READERS[format].read(file, HINTS)
    assert isinstance(read, Success), read
    return read.value.statements[0].rows[0]


def parties_of(row: StatementRow) -> Parties:
    return Parties(row.payee, row.counterparty_account, row.reference, row.memo)


def ntry(*details: str, direction: str = "DBIT") -> bytes:
    parts = "".join(f"<TxDtls>{each}</TxDtls>" for each in details)
    return message(
        statement(
            entry(
                f'<Amt Ccy="EUR">12.50</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>BOOK</Sts>'
                f"<BookgDt><Dt>2026-03-01</Dt></BookgDt><NtryDtls>{parts}</NtryDtls>"
            )
        )
    )


def parties(creditor: str, account: str = "DE02120300000000202051") -> str:
    return (
        "<RltdPties><Dbtr><Nm>Ada</Nm></Dbtr><DbtrAcct><Id><IBAN>DE99</IBAN></Id></DbtrAcct>"
        f"<Cdtr><Nm>{creditor}</Nm></Cdtr>"
        f"<CdtrAcct><Id><IBAN>{account}</IBAN></Id></CdtrAcct></RltdPties>"
    )


def remittance(*lines: str) -> str:
    return f"<RmtInf>{''.join(f'<Ustrd>{line}</Ustrd>' for line in lines)}</RmtInf>"


def refs(number: str) -> str:
    return f"<Refs><EndToEndId>{number}</EndToEndId></Refs>"


WHOLE = refs("INV-7") + parties("Coffee  house") + remittance("Two cups,", "one cake")
IBAN = "DE02120300000000202051"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ntry(WHOLE), Parties("Coffee house", IBAN, "INV-7", "Two cups, one cake")),
        (ntry(WHOLE, direction="CRDT"), Parties("Ada", "DE99", "INV-7", "Two cups, one cake")),
        (ntry(refs("NOTPROVIDED") + parties("Shop")), Parties("Shop", IBAN)),
        (
            ntry("<Refs><ChqNb>1007</ChqNb></Refs>" + remittance("Rent")),
            Parties(reference="1007", memo="Rent"),
        ),
        # What all payments of a batch share is said of it, and nothing else is.
        (
            ntry(refs("1") + parties("Shop"), refs("2") + parties("Shop")),
            Parties("Shop", IBAN),
        ),
        (ntry(parties("Shop", "DE1"), parties("Bakery", "DE2")), Parties()),
        (ntry(parties("Shop") + remittance("Shoes"), refs("2")), Parties()),
    ],
)
def test_camt(content: bytes, expected: Parties) -> None:
    assert parties_of(row_of("camt", content)) == expected


def mt940(information: str, line: str = ":61:2603020302D12,50NTRFCUST7//BANK9") -> str:
    return f":20:R\n:25:1\n:60F:C260228EUR100,\n{line}\n{information}\n:62F:C260302EUR87,5\n"


@pytest.mark.parametrize(
    ("information", "expected"),
    [
        (
            ":86:166?00GUTSCHRIFT?20EREF+INV-7?21SVWZ+Two cups,?22 one cake"
            f"?30BYLADEM1001?31{IBAN}?32Coffee ?33house",
            Parties("Coffee house", IBAN, "INV-7", "Two cups, one cake"),
        ),
        (
            f":86:/TRTP/SEPA/IBAN/{IBAN}/BIC/INGB/NAME/Coffee house/REMI/USTD//Two cups/EREF/INV-7",
            Parties("Coffee house", IBAN, "INV-7", "Two cups"),
        ),
        (
            f":86:/EREF/NOTPROVIDED//CNTP/{IBAN}/INGB/Coffee house///REMI/USTD//Two cups/",
            Parties("Coffee house", IBAN, "", "Two cups"),
        ),
        (":86:EREF+INV-7 SVWZ+Two cups", Parties("", "", "INV-7", "Two cups")),
        # Without a key at its end, nobody knows where the reference ends.
        (":86:EREF+INV-7 and then a text of the bank about it", Parties()),
        (":86:Card payment, Coffee house", Parties()),
    ],
)
def test_mt940(information: str, expected: Parties) -> None:
    assert parties_of(row_of("mt940", mt940(information))) == expected


def test_the_number_of_a_cheque_is_its_reference() -> None:
    line = ":61:2603020302D12,50NCHK1007//BANK9"

    assert row_of("mt940", mt940(":86:Cheque", line)).reference == "1007"
    assert row_of("qif", "!Type:Bank\nD13/03/2026\nT-12.50\nN1007\n^\n").reference == "1007"


def stmttrn(leaves: str) -> bytes:
    begins = "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260301<TRNAMT>-12.50<FITID>F1"
    return ofx(ofx_statement(f"{begins}{leaves}</STMTTRN>"))


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [
        (
            "<CHECKNUM>1007<NAME>Coffee  house"
            "<BANKACCTTO><BANKID>1<ACCTID>4711<ACCTTYPE>CHECKING</BANKACCTTO><MEMO>Two cups",
            Parties("Coffee house", "4711", "1007", "Two cups"),
        ),
        ("<PAYEE><NAME>Coffee house</PAYEE><REFNUM>R7", Parties("Coffee house", "", "R7", "")),
        ("<CHECKNUM>0<MEMO>Two cups", Parties("", "", "", "Two cups")),
    ],
)
def test_ofx(leaves: str, expected: Parties) -> None:
    assert parties_of(row_of("ofx", stmttrn(leaves))) == expected


def test_qif() -> None:
    row = row_of("qif", "!Type:Bank\nD13/03/2026\nT-12.50\nPCoffee house\nMTwo cups\nNATM\n^\n")

    assert parties_of(row) == Parties("Coffee house", "", "", "Two cups")
    assert row.description == "Coffee house – Two cups"


NUMBERED = "Date,Amount,Payee,Account Number"
FIRST = "13/03/2026,-12.50"
SECOND = "14/03/2026,-1.50,Bakery,DE99,INV-8,Bread"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "Date,Amount,Payee,Counterparty IBAN,End-to-End Reference,Memo\n"
            f"{FIRST},Coffee house,DE02 1203 0000 0000 2020 51,INV-7,Two  cups\n{SECOND}\n",
            Parties("Coffee house", IBAN, "INV-7", "Two cups"),
        ),
        # What is called a description may be anything.
        (f"Date,Amount,Description\n{FIRST},Coffee house\n", Parties()),
        (f"Date,Amount,Check Number\n{FIRST},1007\n", Parties(reference="1007")),
        (f"Date,Amount,Payee,Reference\n{FIRST},Shop,0000\n", Parties("Shop", memo="0000")),
        # An account number after the date is that of the other party if it differs from row to row.
        (
            f"{NUMBERED}\n{FIRST},Shop,11112222\n14/03/2026,-1,Bar,33334444\n",
            Parties("Shop", "11112222"),
        ),
        (
            f"{NUMBERED}\n{FIRST},Shop,11112222\n14/03/2026,-1,Bar,11112222\n",
            Parties("Shop"),
        ),
    ],
)
def test_csv(content: str, expected: Parties) -> None:
    assert parties_of(row_of("csv", content)) == expected
