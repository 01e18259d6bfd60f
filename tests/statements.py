"""OFX files for tests, made of a few words."""

from collections.abc import Iterable

HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"


def transaction(
    amount: str = "-12.50", day: str = "20260301", fitid: str = "F1", name: str = "Coffee house"
) -> str:
    kind = "DEBIT" if amount.startswith("-") else "CREDIT"
    return (
        f"<STMTTRN>\n<TRNTYPE>{kind}\n<DTPOSTED>{day}\n<TRNAMT>{amount}\n"
        f"<FITID>{fitid}\n<NAME>{name}\n</STMTTRN>\n"
    )


def statement(
    *transactions: str,
    number: str = "100200300",
    currency: str = "EUR",
    bank: str = "NORTHBANK",
    balance: str = "<LEDGERBAL><BALAMT>100.00<DTASOF>20260331</LEDGERBAL>",
) -> str:
    return (
        f"<STMTTRNRS><STMTRS>\n<CURDEF>{currency}\n"
        f"<BANKACCTFROM><BANKID>{bank}<ACCTID>{number}<ACCTTYPE>CHECKING</BANKACCTFROM>\n"
        f"<BANKTRANLIST>\n{''.join(transactions)}</BANKTRANLIST>\n{balance}\n</STMTRS></STMTTRNRS>\n"
    )


def ofx(*statements: str) -> bytes:
    body = "".join(statements or (statement(transaction()),))
    return f"{HEADER}<OFX><BANKMSGSRSV1>\n{body}</BANKMSGSRSV1></OFX>\n".encode()


def days(count: int) -> Iterable[str]:
    """Yield so many transactions, one a day, each with an id of its own."""
    return [
        transaction(f"-{n}.00", f"202603{n:02}", f"F{n}", f"Shop {n}") for n in range(1, count + 1)
    ]
