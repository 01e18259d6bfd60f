"""Refuses files that exceed a limit."""

from adapters.statements.limits import MAX_ACCOUNTS, MAX_STATEMENTS
from domain.ledger.errors import StatementTooLarge, too_many
from domain.ledger.values import StatementFile
from domain.shared.result import Result, Success


def within_limits(file: StatementFile) -> Result[StatementFile, StatementTooLarge]:
    """Return the file, unless it contains too many statements or accounts."""
    if len(file.statements) > MAX_STATEMENTS:
        return too_many(MAX_STATEMENTS, "statements")
    accounts = {statement.account for statement in file.statements}
    if len(accounts) > MAX_ACCOUNTS:
        return too_many(MAX_ACCOUNTS, "accounts")
    return Success(file)
