"""Files of each format: the tests of all readers run over them by themselves."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tests.camt import NTRY, entry, message, statement
from tests.enable_banking_answers import document, entry_of
from tests.statements import ofx, transaction
from tests.statements import statement as ofx_statement


def zipped(**files: bytes) -> bytes:
    """Return an archive of these files, which is the same each time."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return buffer.getvalue()


_OFX = ofx()
_SIMPLEFIN = b"""{"errors": [], "accounts": [
{"org": {"domain": "bank.example", "name": "Bank"}, "id": "A-1", "name": "Savings",
"currency": "USD", "balance": "100.00", "balance-date": 1773403200, "transactions": [
{"id": "T-1", "posted": 1773403200, "amount": "-12.50", "description": "Coffee house"}
]}]}
"""
#: A valid file.
EXAMPLES = {
    "zip": zipped(march=_OFX, april=_OFX.replace(b"202603", b"202604")),
    "ofx": ofx(),
    "camt": message(statement(entry())),
    "mt940": b":20:R\n:25:1\n:60F:C260228EUR1,\n:61:260302D1,NTRFX\n",
    "csv": b"Date,Amount,Payee\n13/03/2026,-12.50,Coffee house\n",
    "qif": b"!Type:Bank\nD13/03/2026\nT-12.50\nPCoffee house\n^\n",
    "simplefin": _SIMPLEFIN,
    "enable-banking": document(entry_of("-12.50")),
    "by_hand": (
        b'{"dashtam": "by_hand", "id": "01890000-0000-7000-8000-000000000001", "currency": "EUR",'
        b' "transaction": {"booking_date": "2026-03-13", "amount": "-12.50"}}'
    ),
}
#: A row that can be read, and behind it one of the same account that cannot.
BROKEN = {
    "ofx": ofx(ofx_statement(transaction(), transaction("-1.00", day="20260399"))),
    "camt": message(statement(entry(), entry(NTRY.replace("12.50", "much")))),
    "mt940": EXAMPLES["mt940"] + b":61:269902D1,NTRFX\n",
    "csv": EXAMPLES["csv"] + b"13/03/2026,much,Bakery\n",
    "qif": EXAMPLES["qif"] + b"D13/03/2026\nTmuch\n^\n",
    "simplefin": _SIMPLEFIN.replace(
        b"\n]}]}", b',\n{"id": "T-2", "posted": 1773403200, "amount": "much"}\n]}]}'
    ),
    "enable-banking": document(entry_of("-12.50"), entry_of("much")),
}
#: How each row of a broken file begins.
ROW_BEGINS = {
    "ofx": b"<STMTTRN>",
    "camt": b"<Ntry>",
    "mt940": b":61:",
    "csv": b"13/03/2026",
    "qif": b"D13/03/2026",
    "simplefin": b'{"id"',
    "enable-banking": b'{"entry_reference"',
}
