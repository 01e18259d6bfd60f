"""Securities as a user's statements name them."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias
from uuid import UUID

from django.db import connection

from adapters.persistence.ledger.models import SecurityModel
from adapters.persistence.ledger.repositories.columns import rows_of, texts_of
from domain.ledger.values import Security
from domain.shared.ids import UserId

Securities: TypeAlias = Mapping[tuple[str, str], UUID]

_NAMED = {"user_id": "uuid", "scheme": "text", "number": "text", "name": "text", "ticker": "text"}
# A statement that names a security, but tells no name or ticker, leaves what is known.
_KEEP = f"""
INSERT INTO ledger_security AS known (id, {", ".join(_NAMED)})
SELECT uuidv7(), {", ".join(_NAMED)} FROM {rows_of(_NAMED)} AS new
ON CONFLICT ON CONSTRAINT ledger_security_number DO UPDATE SET
    name = coalesce(nullif(excluded.name, ''), known.name),
    ticker = coalesce(nullif(excluded.ticker, ''), known.ticker)
RETURNING scheme, number, id
"""  # noqa: S608


def keep_securities(securities: Iterable[Security], owner: UserId) -> Securities:
    """Keep each security once; return the ids of all by `named`."""
    # In one order, so that two imports cannot wait for each other.
    once = {named(security): security for security in securities}
    rows = [(owner, *key, once[key].name, once[key].ticker) for key in sorted(once)]
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, texts_of(_NAMED, rows))
        return {(scheme, number): security_id for scheme, number, security_id in cursor}


def named(security: Security) -> tuple[str, str]:
    """Return what tells a security from others."""
    return security.scheme, security.number


def security_of(row: SecurityModel) -> Security:
    return Security(scheme=row.scheme, number=row.number, name=row.name, ticker=row.ticker)
