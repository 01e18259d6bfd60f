"""How much of anything a reader takes. Bytes and compression are limited before it is called."""

from domain.ledger.errors import StatementTooLarge
from domain.ledger.values import StatementFile
from domain.shared.result import Failure, Result, Success

#: Rows of a file, quarantined ones included, unless a reader is told another number.
MAX_ROWS = 100_000
#: Statements of a file: daily ones of four accounts in two years.
MAX_STATEMENTS = 2_000
#: Statements of a file, and balances that all of them state: either costs what a row does.
MAX_BALANCES = 20_000
#: Accounts that a file tells of.
MAX_ACCOUNTS = 1_000
#: Characters of an id, an account number or the name of an institution.
MAX_ID = 255
#: Characters of any other value of a row.
MAX_VALUE = 10_000
#: Characters of a date, and of an amount with its currency: longer ones are neither.
MAX_DATE = 32
MAX_AMOUNT = 64
#: Characters of a line, in formats that have lines.
MAX_LINE = 100_000
#: Elements within each other.
MAX_DEPTH = 64


def too_many(most: int, things: str = "rows") -> Failure[StatementTooLarge]:
    """Refuse a file that has more of something than is read."""
    return Failure(StatementTooLarge(f"A file has at most {most:,} {things}."))


def within_limits(file: StatementFile) -> Result[StatementFile, StatementTooLarge]:
    """Return a file that was read, unless it tells of too many statements or accounts."""
    if len(file.statements) > MAX_STATEMENTS:
        return too_many(MAX_STATEMENTS, "statements")
    accounts = {statement.account for statement in file.statements}
    if len(accounts) > MAX_ACCOUNTS:
        return too_many(MAX_ACCOUNTS, "accounts")
    return Success(file)
