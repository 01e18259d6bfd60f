"""What was said along with a file, as it is kept with its import."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from adapters.persistence.ledger.csv_profiles import document_of, profile_of
from domain.ledger.hints import ReadingHints
from domain.shared.ids import AccountId

_HINTS = TypeAdapter(ReadingHints)
_APART = {"account_id", "csv_profile"}


def kept_hints(hints: ReadingHints, account_id: AccountId | None) -> dict[str, Any]:
    """Return what a person said; profiles that were kept elsewhere are not theirs to this file."""
    said = replace(hints, csv_profile=None, csv_profiles=())
    kept: dict[str, Any] = _HINTS.dump_python(said, mode="json", exclude_defaults=True)
    if hints.csv_profile:
        kept["csv_profile"] = document_of(hints.csv_profile)
    if account_id:
        kept["account_id"] = str(account_id)
    return kept


def read_hints(kept: dict[str, Any]) -> tuple[ReadingHints, AccountId | None]:
    said = {name: value for name, value in kept.items() if name not in _APART}
    account_id, profile = kept.get("account_id"), kept.get("csv_profile")
    hints = _HINTS.validate_python(said)
    if profile:
        hints = replace(hints, csv_profile=profile_of(profile))
    return hints, AccountId(UUID(account_id)) if account_id else None
