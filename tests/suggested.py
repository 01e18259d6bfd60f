"""Two files of one account of which two rows may be the same: a person has to say."""

from tests.statements import ofx, statement, transaction


def file_of(letter: str, *rows: str, number: str = "100200300", closing: str = "") -> bytes:
    """Return a file that covers ten days, with rows between two that other files state too."""
    first = transaction("-1.00", "20260301", f"{letter}first", "Rent")
    last = transaction("-2.00", "20260310", f"{letter}last", "Gas")
    return ofx(statement(first, *rows, last, number=number, balance=_ledger(closing, "20260310")))


def before(closing: str) -> bytes:
    """Return a file that ends with a balance before the others begin."""
    row = transaction("-9.00", "20260228", "Z1", "Power")
    return ofx(statement(row, balance=_ledger(closing, "20260228")))


def _ledger(closing: str, day: str) -> str:
    return f"<LEDGERBAL><BALAMT>{closing}<DTASOF>{day}</LEDGERBAL>" if closing else ""


#: The one file names the coffee house, and the other one the payment service.
COFFEE = transaction("-12.50", "20260303", "A1", "Coffee house")
PAYMENT = transaction("-12.50", "20260305", "B1", "SumUp 4711")
FIRST, SECOND = file_of("A", COFFEE), file_of("B", PAYMENT)
#: The same again, in a third file.
THIRD = file_of("C", transaction("-12.50", "20260307", "C1", "Purchase"))
