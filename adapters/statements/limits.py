"""How much of anything a reader takes. Bytes and compression are limited before it is called."""

from domain.ledger.errors import StatementTooLarge
from domain.shared.result import Failure

#: Rows of a file, quarantined ones included.
MAX_ROWS = 500_000
#: Statements of a file, and balances that all of them state: either costs what a row does.
MAX_STATEMENTS = 100_000
#: Characters of an id, an account number or the name of an institution.
MAX_ID = 255
#: Characters of any other value of a row.
MAX_VALUE = 10_000
#: Characters of a line, in formats that have lines.
MAX_LINE = 100_000
#: Elements within each other.
MAX_DEPTH = 64


def too_many(most: int, things: str = "rows") -> Failure[StatementTooLarge]:
    """Refuse a file that has more of something than is read."""
    return Failure(StatementTooLarge(f"A file has at most {most:,} {things}."))
