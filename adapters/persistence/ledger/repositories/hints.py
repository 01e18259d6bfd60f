"""What was said along with a file, as it is kept with its import."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from domain.ledger.hints import ReadingHints
from domain.ledger.imports import StatementImport
from domain.shared.ids import AccountId

_HINTS = TypeAdapter(ReadingHints)


def kept_hints(statement_import: StatementImport) -> dict[str, Any]:
    """Return what a person said; profiles that were kept elsewhere are not theirs to this file."""
    hints = replace(statement_import.hints, csv_profiles=())
    kept: dict[str, Any] = _HINTS.dump_python(hints, mode="json", exclude_defaults=True)
    if statement_import.account_id:
        kept["account_id"] = str(statement_import.account_id)
    return kept


def read_hints(kept: dict[str, Any]) -> tuple[ReadingHints, AccountId | None]:
    said = {name: value for name, value in kept.items() if name != "account_id"}
    account_id = kept.get("account_id")
    hints = _HINTS.validate_python(said)
    return hints, AccountId(UUID(account_id)) if account_id else None
