"""Generated statements of any size."""

from datetime import date, timedelta

HEAD = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX>
<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260301<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS>
<CURDEF>EUR
<BANKACCTFROM><BANKID>NORTHBANK<ACCTID>100200300<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20200101<DTEND>20260301
"""
TAIL = """</BANKTRANLIST>
<LEDGERBAL><BALAMT>1000.00<DTASOF>20260301</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
FIRST_DAY = date(2020, 1, 1)
DAYS = 2000


def ofx(rows: int, *, first: int = 0) -> bytes:
    """Return an OFX 1 file of one account with `rows` rows, numbered from the first."""
    numbers = range(first, first + rows)
    return (HEAD + "".join(row(number, _day(number)) for number in numbers) + TAIL).encode()


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number % DAYS)


def row(number: int, day: date) -> str:
    return (
        f"<STMTTRN>\n<TRNTYPE>DEBIT\n<DTPOSTED>{day:%Y%m%d}120000[0:GMT]\n"
        f"<TRNAMT>-{number % 997}.{number % 100:02}\n<FITID>F{number:09}\n"
        f"<NAME>Shop {number % 5000}\n<MEMO>Card payment {number}\n</STMTTRN>\n"
    )
