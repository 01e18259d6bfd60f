"""Securities, each once for a user, scheme and number."""

from collections.abc import Iterable, Mapping

from django.db import connection

from domain.ledger.values import Security
from domain.shared.ids import SecurityId, UserId, new_id

# In the order of their numbers, so that two imports of the same securities cannot deadlock.
_KEEP = """
INSERT INTO ledger_security AS known (id, user_id, scheme, number, name, ticker)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
AS told (id, user_id, scheme, number, name, ticker) ORDER BY scheme, number
ON CONFLICT ON CONSTRAINT ledger_security_number DO UPDATE SET
    name = coalesce(nullif(excluded.name, ''), known.name),
    ticker = coalesce(nullif(excluded.ticker, ''), known.ticker)
WHERE excluded.name NOT IN ('', known.name) OR excluded.ticker NOT IN ('', known.ticker)
"""
_FIND = """
SELECT scheme, number, id FROM ledger_security
WHERE user_id = %s AND (scheme, number) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


def keep_securities(
    owner: UserId, securities: Iterable[Security]
) -> Mapping[tuple[str, str], SecurityId]:
    """Keep securities; return the ids of all. A name or ticker that is told now is learnt."""
    told = _merged(securities)
    if not told:
        return {}
    rows = [(new_id(), owner, *key, *told[key]) for key in told]
    schemes, numbers = zip(*told, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [list(column) for column in zip(*rows, strict=True)])
        cursor.execute(_FIND, [owner, list(schemes), list(numbers)])
        return {tuple(key): SecurityId(known) for *key, known in cursor.fetchall()}


def _merged(securities: Iterable[Security]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return name and ticker of each, as they are told last."""
    told: dict[tuple[str, str], tuple[str, str]] = {}
    for each in securities:
        key = (each.scheme, each.number)
        name, ticker = told.get(key, ("", ""))
        told[key] = (each.name or name, each.ticker or ticker)
    return told
