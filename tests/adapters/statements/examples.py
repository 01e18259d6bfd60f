"""A valid file of each format: the tests of all readers run over it by themselves."""

from tests.camt import entry, message, statement
from tests.statements import ofx

EXAMPLES = {
    "ofx": ofx(),
    "camt": message(statement(entry())),
    "mt940": b":20:R\n:25:1\n:60F:C260228EUR1,\n:61:260302D1,NTRFX\n",
    "csv": b"Date,Amount,Payee\n13/03/2026,-12.50,Coffee house\n",
    "qif": b"!Type:Bank\nD13/03/2026\nT-12.50\nPCoffee house\n^\n",
}
