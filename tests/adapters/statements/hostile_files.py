"""Files that were made to cost the reader of a format much, and beginnings that noise may follow.

A format that is not here is tried with noise and with its inflated example alone.
"""

from collections.abc import Callable, Mapping, Sequence

from tests import camt
from tests.adapters.statements.ofx_investments import file, investment, position

#: Made when they are needed: together they have some hundred megabytes.
Hostile = Callable[[], str | bytes]

_CSV_HEADER = "Date,Amount,Payee\n"
_CSV_ROW = "2026-03-13,-1.00,x\n"
_CSV: Sequence[Hostile] = [
    lambda: _CSV_HEADER + _CSV_ROW * 3 + '2026-03-13,-1.00,"' + "x,y\n" * 400_000,
    lambda: _CSV_HEADER + '"' + "x" * 5_000_000,
    lambda: _CSV_HEADER + "," * 1_000_000,
    lambda: ("," * 99_000 + "\n") * 50,
    lambda: ("aa," * 20_000 + "\n") * 400,
    lambda: "\n" * 5_000_000,
    lambda: "\r" * 5_000_000,
    lambda: '"' * 5_000_000,
    lambda: '"\n' * 1_000_000,
    lambda: _CSV_HEADER + 'x"y,"z\n' * 300_000,
    lambda: _CSV_HEADER + "\0" * 5_000_000,
    lambda: (_CSV_HEADER + "2026-03-13," + "1" * 90_000 + ",x\n") * 50,
    lambda: _CSV_HEADER + ("2026-03-13," + "1," * 300 + ",x\n") * 2_000,
    lambda: ("Date,Amount" + " " * 90_000 + ",x\n") * 50,
    lambda: ("Date,Amount,x" + ("(" * 90_000) + "\n") + _CSV_ROW,
    lambda: (",".join(f"Amount{number}" for number in range(5_000)) + "\n" + "1," * 5_000) * 20,
    lambda: _CSV_HEADER + _CSV_ROW + ('2026-03-13,"' + "a\n" * 40_000 + '"\n') * 20,
    lambda: _CSV_HEADER * 50_000,
    lambda: "".join("a," * (number % 500) + "\n" for number in range(5_000)),
    lambda: ("DE12 " + "A " * 40_000 + ",x\n") * 50 + _CSV_HEADER + _CSV_ROW,
    lambda: (
        "Account,"
        + _CSV_HEADER
        + "".join(f"{n},2026-03-13,-1.00,x\n{n},,1.00,Opening balance {n}\n" for n in range(40_000))
    ),
    lambda: _CSV_HEADER + _CSV_ROW + f",,{'Opening balance ' * 12}\n" * 90_000,
    lambda: "Date,A,B,C,D,E,F,Amount\n" + f"13.03.2026{',a' * 12}\n" * 20_000,
    lambda: "Date,Amount,Debit,Credit,Balance\n" + f"13.03.2026{',123' * 12}\n" * 10_000,
    lambda: (
        "Date" + ",Amount" * 120 + ",Balance" * 120 + "\n" + f"13.03.2026{',1.00' * 240}\n" * 900
    ),
]

_BATCH = "<NtryDtls><TxDtls><Refs><EndToEndId>1234567</EndToEndId></Refs></TxDtls></NtryDtls>"
_LONG = "n" * 1_000
_DEEP, _UP = f"<{_LONG}>" * 50, f"</{_LONG}>" * 50
_SHORT = "".join(f"<X{number}>y</X{number}>" for number in range(100_000))
_REFERENCES = "<TxDtls><Refs><InstrId>-</InstrId><MndtId>0</MndtId></Refs></TxDtls>"
_CAMT_PAGE = camt.statement().replace("<Acct>", "<StmtPgntn><PgNb></PgNb></StmtPgntn><Acct>")
_CAMT: Sequence[Hostile] = [
    lambda: camt.message(camt.statement("<Ntry/>" * 200_000)),
    lambda: camt.message(camt.statement("<Ntry><Amt>" + "1" * 5_000_000 + "</Amt></Ntry>")),
    lambda: camt.message(camt.statement("<Ntry>" + "<X>y</X>" * 300_000 + "</Ntry>")),
    lambda: camt.message(camt.statement("<Ntry a='" + "x" * 5_000_000 + "'/>")),
    lambda: camt.message("x" * 20_000_000),
    lambda: camt.message("<Stmt/>" * 100_000),
    lambda: camt.message(camt.statement(camt.entry(camt.NTRY + _BATCH * 100_000))),
    lambda: camt.message(camt.statement("<Ntry>" + _DEEP + "<X>y</X>" * 300_000 + _UP + "</Ntry>")),
    lambda: camt.message(camt.statement("<Ntry>" + _DEEP + _SHORT + _UP + "</Ntry>")),
    lambda: b"<BkToCstmrStmt>" * 200_000,
    lambda: camt.message(*(_CAMT_PAGE.replace("<PgNb>", f"<PgNb>{n}") for n in range(1, 10_000))),
    lambda: camt.message(
        camt.statement(balances=(camt.balance("OPBD", "1") + camt.balance("CLBD", "2")) * 9_900)
    ),
    lambda: camt.message(
        camt.statement(camt.entry(f"<NtryDtls>{_REFERENCES * 50_000}</NtryDtls>"))
    ),
    lambda: b"<" * 1_000_000 + b"BkToCstmr",
    lambda: camt.message(
        camt.statement("<Ntry>" + "".join(f"<X{n}>y</X{n}>" for n in range(50_000)))
    ),
]

_OFX: Sequence[Hostile] = [
    lambda: b"<OFX>" + b"<STMTRS>" * 200_000,
    lambda: b"<OFX><STMTRS>" + b"<STMTTRN>" * 200_000,
    lambda: b"<OFX>" + b"<A" * 500_000,
    lambda: b"<OFX><" + b"A" * 1_000_000,
    lambda: b"<OFX><" + b"A:" * 500_000,
    lambda: b"<OFX><A" + b" " * 1_000_000,
    lambda: b"<OFX>" + b"<" * 1_000_000,
    lambda: b"<OFX>" + b"&" * 1_000_000,
    lambda: b"<OFX><NAME>" + b"&#" * 500_000,
    lambda: b"<OFX>" + b"<![CDATA[" * 200_000,
    lambda: b"<OFX>" + b"<!--" * 300_000,
    lambda: b"<OFX>" + b"<PAYEE>" * 200_000,
    lambda: b"<OFX><STMTRS><STMTTRN>" + b"<PAYEE>" * 200_000,
    lambda: b"<OFX><TRNAMT>" + b"1," * 500_000,
    lambda: b"<OFX>" + b"<TRNAMT>" * 200_000,
    lambda: b"<OFX><TRNAMT>" + b"1" * 1_000_000,
    lambda: b"<OFX>" + b"<TRNAMT>1,234 " * 100_000,
    lambda: b"<OFX>" + b"<a b='" * 200_000,
    lambda: b"<OFX><INVSTMTRS>" + b"<INVPOSLIST><POSMF><INVPOS>" * 100_000,
    lambda: b"<OFX><INVSTMTRS>" + b"<POSMF><INVPOS><SECID><UNIQUEID>1<UNITS>1" * 50_000,
    lambda: b"<OFX><SECLIST>" + b"<SECINFO><SECID>" * 200_000,
    lambda: file(investment(positions=position(worth=f"<UNITPRICE>{'1' * 1_000_000}"))).encode(),
    lambda: file(investment(positions=position(worth=f"<UNITPRICE>{'.1' * 500_000}"))).encode(),
    lambda: b"<OFX>" + b"\n" * 2_000_000,
    lambda: b"CHARSET:" + b"x" * 1_000_000 + b"<OFX>\xff",
]

_QIF: Sequence[Hostile] = [
    lambda: "!Type:Bank\n" + "^\n" * 500_000,
    lambda: "!Type:Bank\n" * 200_000,
    lambda: "!Type:Bank\n" + "D1/1/1\n^\n" * 200_000,
    lambda: "!Type:Bank\n" + "SFood\n" * 300_000,
    lambda: "!Type:Bank\nT" + "1," * 500_000,
    lambda: "!Type:Bank\nD" + "1/" * 500_000,
    lambda: "!Type:Bank\nM" + "x" * 5_000_000,
]

_MT940_HEAD = ":20:REF\n:25:10020030/100200300\n:28C:7/1\n:60F:C260228EUR100,00\n"
_MT940_LINE = ":61:2603020301D12,50NTRFCUST7//BANK9\n"
_MT940_PAGE = ":20:REF\n:25:1\n:28C:7/{}\n:60M:C260228EUR1,00\n"
_MT940_END = ":62M:C260228EUR1,00\n-\n"
_MT940: Sequence[Hostile] = [
    lambda: _MT940_LINE * 200_000,
    lambda: ":61:\n" * 400_000,
    lambda: ":20:\n" * 300_000,
    lambda: ":61:260302D" + "1" * 2_000_000,
    lambda: _MT940_LINE + ":86:166?20" + "?20" * 500_000,
    lambda: _MT940_LINE + ":86:/NAME/" + "/NAME/" * 300_000,
    lambda: _MT940_LINE + ":86:" + "x\n" * 1_000_000,
    lambda: _MT940_LINE + ":86:x\n" * 400_000,
    lambda: _MT940_LINE + f":86:{'x' * 9_000}\n" * 3_000,
    lambda: ":\n" * 500_000,
    lambda: "{4:" * 300_000,
    lambda: " " * 3_000_000 + ":20:",
    lambda: _MT940_LINE + "x\n" * 1_000_000,
    lambda: "".join(_MT940_PAGE.format(n) + _MT940_LINE * 50 + _MT940_END for n in range(1, 1_999)),
]

HOSTILE: Mapping[str, Sequence[Hostile]] = {
    "camt": _CAMT,
    "ofx": _OFX,
    "qif": _QIF,
    "mt940": _MT940,
    "csv": _CSV,
}
STEMS: Mapping[str, Sequence[bytes]] = {
    "ofx": [b"<OFX>"],
    "qif": [b"!Type:Bank\n", b"!Type:Invst\nNBuy\n"],
    "mt940": [b":61:", _MT940_HEAD.encode() + b":86:"],
    "csv": [_CSV_HEADER.encode(), (_CSV_HEADER + _CSV_ROW * 3).encode()],
}


def hostile_file(format: str, number: int) -> bytes:
    content = HOSTILE[format][number]()
    return content if isinstance(content, bytes) else content.encode()
