"""camt messages of one's own."""

from decimal import Decimal
from typing import Any

NTRY = """
<Amt Ccy="EUR">12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-03-01</Dt></BookgDt><ValDt><Dt>2026-03-02</Dt></ValDt>
<AcctSvcrRef>B1</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs>
<RltdPties><Dbtr><Nm>Ada</Nm></Dbtr><Cdtr><Nm>Coffee house</Nm></Cdtr></RltdPties>
<RmtInf><Ustrd>Invoice 7</Ustrd></RmtInf></TxDtls></NtryDtls>
"""


def entry(body: str = NTRY) -> str:
    return f"\n<Ntry>\n{body}</Ntry>\n"


def balance(code: str, amount: str, direction: str = "CRDT", day: str = "2026-03-31") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def statement(
    *entries: str,
    element: str = "Stmt",
    iban: str = "DE01",
    currency: str = "<Ccy>EUR</Ccy>",
    balances: str = "",
) -> str:
    bank = "<Svcr><FinInstnId><BIC>NORTHBANK</BIC></FinInstnId></Svcr>"
    period = "<FrDtTm>2026-03-01T00:00:00</FrDtTm><ToDtTm>2026-03-31T23:59:59</ToDtTm>"
    return (
        f"<{element}><Id>S1</Id><ElctrncSeqNb>7</ElctrncSeqNb><FrToDt>{period}</FrToDt>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id>{currency}{bank}</Acct>"
        f"{balances}{''.join(entries)}</{element}>"
    )


def message(*statements: str, root: str = "BkToCstmrStmt") -> bytes:
    space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    body = f"<{root}><GrpHdr><MsgId>M1</MsgId></GrpHdr>{''.join(statements)}</{root}>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{space}">{body}</Document>'
    return text.encode()


def day_of_march(day: int, opens: str, closes: str, moved: str = "", **parts: Any) -> bytes:
    """Return the statement of one day; what moved is what the balances say, unless it is given."""
    on = f"2026-03-{day:02}"
    difference = Decimal(moved) if moved else Decimal(closes) - Decimal(opens)
    direction = "CRDT" if difference >= 0 else "DBIT"
    row = (
        f"<Amt Ccy='EUR'>{abs(difference)}</Amt><CdtDbtInd>{direction}</CdtDbtInd>"
        f"<BookgDt><Dt>{on}</Dt></BookgDt><AcctSvcrRef>D{day}</AcctSvcrRef>"
    )
    balances = balance("OPBD", opens, day=on) + balance("CLBD", closes, day=on)
    return message(statement(entry(row), balances=balances, **parts))


WEEK = [
    day_of_march(1, "100", "110"),
    day_of_march(2, "110", "90"),
    day_of_march(3, "90", "95"),
    day_of_march(4, "95", "300"),
]
