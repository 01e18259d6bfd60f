"""Investment statements for tests, in SGML and in XML."""

import re

from tests.statements import HEADER

NO_PRICE = "<UNITPRICE>0<MKTVAL>0<DTPRICEASOF>0"


def secid(number: str, scheme: str = "CUSIP") -> str:
    return f"<SECID><UNIQUEID>{number}<UNIQUEIDTYPE>{scheme}</SECID>"


def info(kind: str, number: str, leaves: str, scheme: str = "CUSIP") -> str:
    """Return an entry of the list of securities, such as `STOCKINFO`."""
    return f"<{kind}>\n<SECINFO>{secid(number, scheme)}{leaves}</SECINFO>\n</{kind}>\n"


def securities(*entries: str) -> str:
    return f"<SECLISTMSGSRSV1><SECLIST>\n{''.join(entries)}</SECLIST></SECLISTMSGSRSV1>\n"


def position(
    kind: str = "POSSTOCK",
    number: str = "100000001",
    units: str = "10",
    worth: str = "<UNITPRICE>5.50<MKTVAL>55.00<DTPRICEASOF>20260330",
    more: str = "",
    side: str = "LONG",
) -> str:
    return (
        f"<{kind}>\n<INVPOS>{secid(number)}<HELDINACCT>CASH<POSTYPE>{side}<UNITS>{units}"
        f"{worth}{more}</INVPOS>\n</{kind}>\n"
    )


def trade(kind: str, leaves: str, number: str = "100000001") -> str:
    return (
        f"<{kind}><INVTRAN><FITID>{kind}1<DTTRADE>20260302</INVTRAN>{secid(number)}{leaves}"
        f"</{kind}>\n"
    )


def investment(rows: str = "", positions: str | None = None, more: str = "") -> str:
    """Return a statement; without positions it has no list of them."""
    listed = "" if positions is None else f"<INVPOSLIST>\n{positions}</INVPOSLIST>\n"
    return (
        "<INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS>\n<DTASOF>20260331\n<CURDEF>USD\n"
        "<INVACCTFROM><BROKERID>broker.example<ACCTID>77</INVACCTFROM>\n"
        f"<INVTRANLIST><DTSTART>20260301<DTEND>20260331\n{rows}</INVTRANLIST>\n"
        f"{listed}{more}</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>\n"
    )


def file(*parts: str) -> str:
    return f"{HEADER}<OFX>{''.join(parts)}</OFX>\n"


def as_xml(content: str) -> str:
    """Return the same file in OFX 2: every leaf has its end tag."""
    body = re.sub(r"<([A-Z0-9]+)>([^<\n]+)", r"<\1>\2</\1>", content.removeprefix(HEADER))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="220"?>\n{body}'


LISTED = securities(
    info("STOCKINFO", "100000001", "<SECNAME>Northern Rail<TICKER>NRL</SECINFO><STOCKTYPE>COMMON"),
    info("MFINFO", "100000002", "<SECNAME>World &amp; Sea  Fund<TICKER>WSF"),
    info("DEBTINFO", "100000003", "<SECNAME>City bond 2040"),
    info("OPTINFO", "100000004", f"<SECNAME>NRL call</SECINFO>{secid('100000001')}<OPTTYPE>CALL"),
    info("OTHERINFO", "100000005", "<SECNAME>Cellar of wine<TICKER>WINE"),
)
POSITIONS = "".join(
    [
        position("POSSTOCK", "100000001", more="<AVGCOSTBASIS>40.00"),
        position("POSMF", "100000002", "1.2345", "<UNITPRICE>10<MKTVAL>12.35<DTPRICEASOF>20260331"),
        position("POSDEBT", "100000003", "1000", "<UNITPRICE>98.5<MKTVAL>985<DTPRICEASOF>20260331"),
        position("POSOPT", "100000004", "2", "<UNITPRICE>3<MKTVAL>600<DTPRICEASOF>20260331"),
        position("POSOTHER", "100000005", "12", NO_PRICE),
        position("POSSTOCK", "100000006", "7", side="SHORT"),
    ]
)
WHOLE = file(investment(positions=POSITIONS), LISTED)
