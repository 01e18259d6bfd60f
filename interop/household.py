"""Two households: the rows of their accounts, and the files that state them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

_HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"
_SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
#: Actual reads 89 days back from the day in its own zone.
_LONGEST_AGO = 85


@dataclass(frozen=True)
class Row:
    """A transaction as its file states it; the amount is written like this in the file."""

    days_ago: int
    amount: str
    text: str
    pending: bool = False

    @property
    def day(self) -> date:
        return datetime.now(UTC).date() - timedelta(days=self.days_ago)

    @property
    def cents(self) -> int:
        return int(Decimal(self.amount) * 100)


@dataclass(frozen=True)
class Account:
    """An account, its rows, and its balance of yesterday as it is written in the file."""

    number: str
    currency: str
    bank: str
    balance: str
    rows: Sequence[Row] = field(repr=False)

    @property
    def content(self) -> bytes:
        has_pending = any(row.pending for row in self.rows)
        return _camt(self) if has_pending else _ofx(self)


def _rows(count: int, amounts: Sequence[str]) -> list[Row]:
    """Return rows over the last months, some of them equal in everything."""
    ages = accumulate(range(count), lambda ago, _: ago + 1, initial=1)
    rows = [
        Row(ago % _LONGEST_AGO + 1, amounts[number % len(amounts)], f"Shop {number % 7}")
        for number, ago in enumerate(ages)
    ]
    return [*rows, Row(3, "-4.50", "Coffee"), Row(3, "-4.50", "Coffee")]


_AMOUNTS = ("-12.34", "1000.00", "-0.01", "-99.99", "7.5", "-3", "-1234567.89")
HOUSEHOLDS: dict[str, list[Account]] = {
    "ada@example.org": [
        Account("1001", "EUR", "NORTHBANK", "1234.56", _rows(60, _AMOUNTS)),
        # No decimals at all.
        Account("1002", "EUR", "NORTHBANK", "100", _rows(20, ("-9", "100", "-1000"))),
        Account(
            "DE1003",
            "EUR",
            "SOUTHBANK",
            "-80.05",
            [
                *_rows(20, ("-8.20", "15.00")),
                Row(2, "-23.45", "Fuel", pending=True),
                Row(1, "-0.99", "Parking", pending=True),
            ],
        ),
    ],
    "grace@example.org": [
        Account("7", "JPY", "TOKYOBANK", "9000", _rows(30, ("-900", "25000"))[:-2]),
        Account("8", "USD", "WESTBANK", "0.00", _rows(90, ("-1.10", "2.20", "-3.33"))),
        Account("9", "USD", "WESTBANK", "17.10", []),
    ],
}


def _ofx(account: Account) -> bytes:
    rows = "".join(
        f"<STMTTRN>\n<TRNTYPE>OTHER\n<DTPOSTED>{row.day:%Y%m%d}\n<TRNAMT>{row.amount}\n"
        f"<FITID>{account.number}-{number}\n<NAME>{row.text}\n</STMTTRN>\n"
        for number, row in enumerate(account.rows)
    )
    yesterday = Row(1, "0", "").day
    text = (
        f"{_HEADER}<OFX><BANKMSGSRSV1>\n<STMTTRNRS><STMTRS>\n<CURDEF>{account.currency}\n"
        f"<BANKACCTFROM><BANKID>{account.bank}<ACCTID>{account.number}<ACCTTYPE>CHECKING"
        f"</BANKACCTFROM>\n<BANKTRANLIST>\n{rows}</BANKTRANLIST>\n"
        f"<LEDGERBAL><BALAMT>{account.balance}<DTASOF>{yesterday:%Y%m%d}</LEDGERBAL>\n"
        "</STMTRS></STMTTRNRS>\n</BANKMSGSRSV1></OFX>\n"
    )
    return text.encode()


def _camt(account: Account) -> bytes:
    entries = "".join(_entry(account, number, row) for number, row in enumerate(account.rows))
    yesterday = Row(1, "0", "").day
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_SPACE}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id>"
        f"<Acct><Id><IBAN>{account.number}</IBAN></Id><Ccy>{account.currency}</Ccy>"
        f"<Svcr><FinInstnId><BIC>{account.bank}</BIC></FinInstnId></Svcr></Acct>"
        f"<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>{_amount(account, account.balance)}"
        f"<Dt><Dt>{yesterday}</Dt></Dt></Bal>{entries}</Stmt></BkToCstmrStmt></Document>"
    )
    return text.encode()


def _amount(account: Account, amount: str) -> str:
    direction = "DBIT" if amount.startswith("-") else "CRDT"
    written = f"<Amt Ccy='{account.currency}'>{amount.removeprefix('-')}</Amt>"
    return f"{written}<CdtDbtInd>{direction}</CdtDbtInd>"


def _entry(account: Account, number: int, row: Row) -> str:
    status = "PDNG" if row.pending else "BOOK"
    return (
        f"<Ntry>{_amount(account, row.amount)}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{row.day}</Dt></BookgDt><AcctSvcrRef>{account.number}-{number}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{row.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )
