"""Securities, each once for a user, scheme and number."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from django.db import connection

from adapters.persistence.ledger.models import SecurityModel
from adapters.persistence.ledger.repositories.columns import rows_of, texts_of
from domain.ledger.values import Security
from domain.shared.ids import SecurityId, UserId

Securities: TypeAlias = Mapping[tuple[str, str], SecurityId]

_TOLD = {"user_id": "uuid", "scheme": "text", "number": "text", "name": "text", "ticker": "text"}
_NUMBERED = {"scheme": "text", "number": "text"}
# In the order of their numbers, so that two imports of the same securities cannot deadlock.
_KEEP = f"""
INSERT INTO ledger_security AS known (id, {", ".join(_TOLD)})
SELECT uuidv7(), told.* FROM {rows_of(_TOLD)} AS told ORDER BY scheme, number
ON CONFLICT ON CONSTRAINT ledger_security_number DO UPDATE SET
    name = coalesce(nullif(excluded.name, ''), known.name),
    ticker = coalesce(nullif(excluded.ticker, ''), known.ticker)
WHERE excluded.name NOT IN ('', known.name) OR excluded.ticker NOT IN ('', known.ticker)
"""  # noqa: S608
_FIND = f"""
SELECT scheme, number, id FROM ledger_security
JOIN {rows_of(_NUMBERED)} AS told USING (scheme, number) WHERE user_id = %(owner)s
"""  # noqa: S608


def keep_securities(owner: UserId, securities: Iterable[Security]) -> Securities:
    """Keep securities; return the ids of all. A name or ticker that is told now is learnt."""
    told = _merged(securities)
    if not told:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, texts_of(_TOLD, [(owner, *key, *told[key]) for key in told]))
        cursor.execute(_FIND, {"owner": owner, **texts_of(_NUMBERED, list(told))})
        return {(scheme, number): SecurityId(known) for scheme, number, known in cursor}


def named(security: Security) -> tuple[str, str]:
    """Return what tells a security from others."""
    return security.scheme, security.number


def security_of(row: SecurityModel) -> Security:
    return Security(scheme=row.scheme, number=row.number, name=row.name, ticker=row.ticker)


def _merged(securities: Iterable[Security]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return name and ticker of each, as they are told last."""
    told: dict[tuple[str, str], tuple[str, str]] = {}
    for each in securities:
        name, ticker = told.get(named(each), ("", ""))
        told[named(each)] = (each.name or name, each.ticker or ticker)
    return told
