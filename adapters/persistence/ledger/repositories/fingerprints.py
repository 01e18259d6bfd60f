"""Identities by other schemes of fingerprints, and what they are known as."""

from collections.abc import Mapping, Sequence

from django.db import connection

from adapters.persistence.ledger.repositories.columns import array_of, column_of
from adapters.persistence.ledger.repositories.evidence import batches
from domain.ledger.identity import Identity
from domain.shared.ids import AccountId, UserId

_KNOWN_AS = f"""
SELECT fingerprint, occurrence, known_fingerprint, known_occurrence FROM ledger_fingerprint
WHERE account_id = %s AND user_id = %s AND fingerprint = ANY({array_of("bytea")})
"""  # noqa: S608


def known_as(
    account_id: AccountId, owner: UserId, identities: Sequence[Identity]
) -> Mapping[Identity, Identity]:
    found: dict[Identity, Identity] = {}
    wanted = list({identity.fingerprint for identity in identities})
    with connection.cursor() as cursor:
        for some in batches(wanted):
            cursor.execute(_KNOWN_AS, [account_id, owner, column_of("bytea", some)])
            for own, occurrence, known, known_occurrence in cursor:
                found[Identity(bytes(own), occurrence)] = Identity(bytes(known), known_occurrence)
    return found
