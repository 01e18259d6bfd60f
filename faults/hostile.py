"""Hostile files of every format, which cost as much as possible, in any size."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.ledger.hints import ReadingHints

#: Hints for each file, so that none is refused because a hint is missing.
HINTS = ReadingHints(currency="EUR", account="Household", decimal_mark=".", charges_positive=False)
# How many times larger the compressed files are than the others.
_UNPACKED = 4
MARKS = "\u0301" * 2_450 + "\u0327" * 2_450
_OFX = "OFXHEADER:100\nCHARSET:1252\n\n<OFX><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>1<ACCTID>1"
_OFX += "</BANKACCTFROM><BANKTRANLIST>"
_OFX_END = "</BANKTRANLIST></STMTRS></OFX>"
_CAMT = '<?xml version="1.0" encoding="UTF-8"?><Document><BkToCstmrStmt><Stmt><Id>1</Id>'
_CAMT += "<Acct><Id><IBAN>DE02100100100006820101</IBAN></Id><Ccy>EUR</Ccy></Acct>"
_NTRY = (
    '<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-03-02</Dt></BookgDt>'
)
_CLOSED = "</BkToCstmrStmt></Document>"
_END = f"</Stmt>{_CLOSED}"
_MT940 = ":20:R\n:25:1/2\n:60F:C260228EUR1,\n"
_CSV = "Date,Amount,Payee\n"


@dataclass(frozen=True)
class HostileFile:
    """A hostile file, and the kind of its cost."""

    name: str
    content: bytes


#: Makes a file of about this many bytes.
Maker = Callable[[int], str | bytes]


def hostile_files(size: int) -> Iterator[HostileFile]:
    """Yield a file of each kind with about `size` bytes, and no more than that."""
    return (HostileFile(name, hostile(name, size)) for name in MAKERS)


def hostile(name: str, size: int) -> bytes:
    """Return the file of a kind."""
    made = MAKERS[name](size)
    return (made.encode() if isinstance(made, str) else made)[:size]


def _filled(begin: str, repeated: str, end: str = "") -> Maker:
    """Return a maker of files that repeat one part between a beginning and an end."""
    unit = len(repeated.encode())
    return lambda size: begin + repeated * max(1, (size - len(begin) - len(end)) // unit) + end


def _numbered(begin: str, repeated: str, end: str = "") -> Maker:
    """Return a maker of files that repeat a part with a number in it, so that no two are equal."""

    def make(size: int) -> str:
        unit = len(repeated.replace("@", "1234567").encode())
        count = max(1, (size - len(begin) - len(end)) // unit)
        pieces = (repeated.replace("@", f"{number:07}") for number in range(count))
        return begin + "".join(pieces) + end

    return make


def _columns(cell: str) -> Maker:
    """Return a maker of tables with a hundred columns and the same text in every cell."""
    header = ",".join(["Date", "Amount", "Payee", *(f"c{number}" for number in range(97))])
    well = ",".join(["2026-03-02", "-12.50", "Coffee house", *[""] * 97])
    return _numbered(f"{header}\n{well}\n", "@" + ",".join([cell] * 100) + "\n")


def _zipped(make: Maker) -> Maker:
    def packed(size: int) -> bytes:
        made = make(_UNPACKED * size)
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("march", made)
        return into.getvalue()

    return packed


def _gzipped(make: Maker) -> Maker:
    def packed(size: int) -> bytes:
        made = make(_UNPACKED * size)
        return gzip.compress(made.encode() if isinstance(made, str) else made)

    return packed


def _in_utf16(size: int) -> bytes:
    row = "2026-03-02,1,\u00e4\n"
    return (_CSV + row * (size // 2 // len(row) - 2)).encode("utf-16")


def _members(size: int) -> bytes:
    return gzip.compress(b"!Type:Bank\n") + gzip.compress(b"\n" * 1_000) * 98 + bytes(size // 2)


_CUBIC_DAY = "1" + " " * 27 + "1" + " " * 30 + "x"
_CUBIC_SUM = "+0" + "10" * 30 + "0x"
_ROW = f"D1{' ' * 4_990}1{' ' * 4_990}x\nT-1.00\n^\n"

MAKERS: dict[str, Maker] = {
    # QIF
    "QIF dates of blanks": _filled("!Type:Bank\n", _ROW),
    "QIF amounts of blanks": _filled("!Type:Bank\n", f"D13/2/26\nT1{' ' * 9_900}1\n^\n"),
    "QIF rows": _filled("!Type:Bank\n", "D13/2/26\nT1\n^\n"),
    "QIF splits": _filled("!Type:Bank\nD13/2/26\nT1\n", "S\n", "^\n"),
    "QIF long splits": _filled("!Type:Bank\nD13/2/26\nT1\n", "Sabcdefghijklmnopqrst\n", "^\n"),
    "QIF combining marks": _filled("!Type:Bank\n", f"D13/2/26\nT1\nPa{MARKS}\n^\n"),
    "QIF one line": _filled("!Type:Bank\nD", "9"),
    "QIF blank lines": _filled("", "\n", "!Type:Bank\nD13/2/26\nT1\n^\n"),
    "QIF accounts": _numbered("", "!Account\nN@\n^\n!Type:Bank\nD13/2/26\nT1\n^\n"),
    "QIF letters": _filled(
        "!Type:Bank\n", "".join(f"{chr(c)}x\n" for c in range(0x4E00, 0x4FF0)) + "D13/2/26\nT1\n^\n"
    ),
    "QIF control characters": _filled("!Type:Bank\n", "\x01"),
    "QIF days alike": _numbered("!Type:Bank\n", "D13/2/@\nT@,@\n^\n"),
    # OFX
    "OFX rows": _filled(_OFX, "<STMTTRN><DTPOSTED>20260302<TRNAMT>1", _OFX_END),
    "OFX combining marks": _filled(
        _OFX,
        f"<STMTTRN><DTPOSTED>20260302<TRNAMT>1<NAME>a{MARKS}",
        _OFX_END,
    ),
    "OFX leaves": _numbered(_OFX + "<STMTTRN><DTPOSTED>20260302<TRNAMT>1", "<A@>x", "</OFX>"),
    "OFX statements": _filled("<OFX>", "<STMTRS>"),
    "OFX balances": _filled(_OFX, "<LEDGERBAL><BALAMT>1<DTASOF>20260302</LEDGERBAL>", "</OFX>"),
    "OFX accounts": _numbered(
        "<OFX>", "<STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>@</BANKACCTFROM></STMTRS>", "</OFX>"
    ),
    "OFX nested": _filled("<OFX>", "<STMTRS><BANKTRANLIST><STMTTRN><PAYEE>"),
    "OFX open tags": _filled("<OFX>", "<A"),
    "OFX open brackets": _filled("<OFX>", "<"),
    "OFX comments": _filled("<OFX>", "<!--"),
    "OFX marked sections": _filled("<OFX>", "<![CDATA["),
    "OFX entities": _filled(_OFX + "<STMTTRN><NAME>", "&#768;"),
    "OFX attributes": _filled("<OFX><A ", "b='c' "),
    "OFX namespaces": _filled("<OFX><", "A:"),
    "OFX one value": _filled(_OFX + "<STMTTRN><NAME>", "x"),
    "OFX securities": _numbered("<OFX>", "<SECINFO><SECID><UNIQUEID>@</SECID>", "</OFX>"),
    "OFX charset of blanks": _filled("OFXHEADER:100\nCHARSET:", " "),
    # CSV
    "CSV columns of dates": _columns(_CUBIC_DAY),
    "CSV columns of amounts": _columns(_CUBIC_SUM),
    "CSV columns of currencies": _columns("(" + "EUR " * 12 + " " * 14 + "x"),
    "CSV columns of marks": _columns("a" + "\u0301" * 20 + "\u0327" * 20),
    "CSV combining marks": _filled(_CSV, f"2026-03-02,1,a{MARKS}\n"),
    "CSV rows": _filled(_CSV, "2026-03-02,1,a\n"),
    "CSV rows unlike others": _numbered(_CSV, "2026-03-02,@.11,a@\n"),
    "CSV empty columns": _filled(_CSV, "," * 4_000 + "\n"),
    "CSV one line": _filled(_CSV, "x,"),
    "CSV open quotes": _filled(_CSV, '2026-03-02,1,"a\n'),
    "CSV many quotes": _filled(_CSV, '"""",'),
    "CSV headers": _filled("", "Date,Amount,Payee,Amount (EUR)\n", "2026-03-02,1,a,1\n"),
    "CSV long header": _filled("Date,Amount," + "Payee " * 1_000 + "\n", "2026-03-02,1,a\n"),
    "CSV accounts": _numbered("Date,Account,Amount,Payee\n", "2026-03-02,@,1,a\n"),
    "CSV semicolons and tabs": _filled("", ";\t,|" * 100 + "\n"),
    "CSV running balances": _numbered("Date,Amount,Balance,Payee\n", "2026-03-02,@,@,a\n"),
    "CSV mixed lines": _filled(_CSV, "2026-03-02,1,a\r\r\n\n"),
    "CSV in UTF-16": _in_utf16,
    # MT940
    "MT940 information": _filled(_MT940 + ":61:260302D1,NTRFX\n", ":86:\n"),
    "MT940 long information": _filled(_MT940 + ":61:260302D1,NTRFX\n", ":86:" + "x" * 60 + "\n"),
    "MT940 rows": _filled(_MT940, ":61:260302D1,N\n"),
    "MT940 messages": _filled("", _MT940 + ":62F:C260228EUR1,\n-\n"),
    "MT940 accounts": _numbered("", ":20:R\n:25:@\n:60F:C260228EUR1,\n:62F:C260228EUR1,\n"),
    "MT940 numbered parts": _filled(_MT940, ":61:260302D1,NTRFX\n:86:020" + "?20a" * 2_400 + "\n"),
    "MT940 keyed parts": _filled(_MT940, ":61:260302D1,NTRFX\n:86:" + "/NAME/a" * 1_400 + "\n"),
    "MT940 one line": _filled(_MT940 + ":61:260302D1,NTRF", "x"),
    "MT940 blanks": _filled(_MT940 + ":61:", " "),
    "MT940 blank lines": _filled("", "\n", ":20:R\n:25:1\n"),
    "MT940 envelopes": _filled("", "{1:}{4:\n"),
    "MT940 ends": _filled(_MT940, "-}\n"),
    "MT940 tags": _numbered(_MT940, ":86:@\n:NS:@\n"),
    # camt
    "camt nested": _filled(_CAMT, "<A>"),
    "camt rows": _filled(_CAMT, _NTRY + "</Ntry>", _END),
    "camt leaves": _numbered(_CAMT + _NTRY, "<A@>x</A@>", f"</Ntry>{_END}"),
    "camt leaf again": _filled(_CAMT + _NTRY, "<A>x</A>", f"</Ntry>{_END}"),
    "camt attributes": _numbered(_CAMT + "<Ntry ", "a@='x' ", f"></Ntry>{_END}"),
    "camt statements": _filled("<Document><BkToCstmrStmt>", "<Stmt/>", _CLOSED),
    "camt balances": _filled(
        _CAMT,
        '<Bal><Tp><Cd>CLBD</Cd></Tp><Amt Ccy="EUR">1</Amt><Dt><Dt>2026-03-02</Dt></Dt></Bal>',
        _END,
    ),
    "camt one value": _filled(_CAMT + _NTRY + "<AddtlNtryInf>", "x"),
    "camt combining marks": _filled(
        _CAMT,
        f"{_NTRY}<AddtlNtryInf>a{MARKS}</AddtlNtryInf></Ntry>",
        _END,
    ),
    "camt long names": _filled(_CAMT, f"<{'a' * 5_000}/>"),
    "camt comments": _filled(_CAMT, "<!---->"),
    "camt references": _filled(_CAMT + _NTRY + "<AddtlNtryInf>", "&#x301;"),
}
_PACKED = ("QIF days alike", "OFX leaves", "CSV columns of dates", "camt leaves", "MT940 tags")
MAKERS |= {f"{name}, gzip": _gzipped(MAKERS[name]) for name in _PACKED}
MAKERS |= {f"{name}, zip": _zipped(MAKERS[name]) for name in _PACKED}
MAKERS |= {
    "gzip of members": _members,
    "gzip of nothing": _gzipped(bytes),
    "zip of nothing": _zipped(bytes),
    "zip that is broken": lambda size: b"PK\x03\x04" + bytes(size - 4),
    "zip of entries": lambda size: b"PK\x03\x04" + b"PK\x01\x02" * (size // 4 - 1),
    "nothing": lambda size: b" " * size,
    "NUL": bytes,
    "brackets": lambda size: b"<" * size,
    "colons": lambda size: b":" * size,
}
