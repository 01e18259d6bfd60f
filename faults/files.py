"""Overlapping statements of three accounts, which state many days more than once."""

import re

FILES = 40
ACCOUNTS = 3
DAYS_A_FILE = 8
ROWS_A_DAY = 6

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
<BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS>
<CURDEF>EUR
<BANKACCTFROM><BANKID>NORTHBANK<ACCTID>{account}<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260101<DTEND>20260301
"""
ROW = """<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>202601{day:02}
<TRNAMT>-{day}.{number:02}<FITID>D{day}N{number}<NAME>Shop {number}</STMTTRN>
"""
TAIL = """</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def contents() -> list[bytes]:
    return [_content(number) for number in range(FILES)]


def expected(content: bytes) -> set[tuple[str, str]]:
    """Return account and id of each row, without using our own reader."""
    text = content.decode()
    (account,) = re.findall(r"<ACCTID>(\d+)", text)
    return {(account, provider_id) for provider_id in re.findall(r"<FITID>(\w+)", text)}


def _content(number: int) -> bytes:
    first = 1 + number * 5 % 20
    rows = (
        ROW.format(day=day, number=row)
        for day in range(first, first + DAYS_A_FILE)
        for row in range(ROWS_A_DAY)
    )
    account = 100200300 + number % ACCOUNTS
    return (HEAD.format(account=account) + "".join(rows) + TAIL).encode()
