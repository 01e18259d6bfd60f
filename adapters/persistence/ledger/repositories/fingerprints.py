"""Identities by other schemes of fingerprints, and what they are known as."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Never
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import ImportModel, SightingModel, StatementModel
from adapters.persistence.ledger.repositories.columns import (
    array_of,
    column_of,
    rows_of,
    texts_of,
)
from adapters.persistence.ledger.repositories.evidence import batches
from domain.ledger.fingerprints import SeenRow
from domain.ledger.identity import Identity
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Result, Success

_PAIR = "fingerprint, occurrence, known_fingerprint, known_occurrence"
_ITSELF = "fingerprint, occurrence, fingerprint, occurrence"
_OF_ACCOUNT = "account_id = %s AND user_id = %s"
_ANY = f"ANY({array_of('bytea')})"
_KNOWN_AS = f"""
SELECT {_PAIR} FROM ledger_fingerprint WHERE {_OF_ACCOUNT} AND fingerprint = {_ANY}
"""  # noqa: S608
# What stands and what is undone have an index each.
_ENTERED_UNDER = f"""
SELECT {_ITSELF} FROM ledger_transaction WHERE {_OF_ACCOUNT} AND fingerprint = {_ANY}
AND (removal IS NULL OR removal = 'deleted')
UNION ALL
SELECT {_ITSELF} FROM ledger_transaction WHERE {_OF_ACCOUNT} AND fingerprint = {_ANY}
AND removal = 'undone'
UNION ALL
SELECT {_ITSELF} FROM ledger_stage WHERE {_OF_ACCOUNT} AND fingerprint = {_ANY}
"""  # noqa: S608
_LEADING_TO = f"""
SELECT {_PAIR} FROM ledger_fingerprint WHERE {_OF_ACCOUNT} AND known_fingerprint = {_ANY}
AND scheme = %s
"""  # noqa: S608
_ADDED = {
    "user_id": "uuid",
    "account_id": "uuid",
    "scheme": "int",
    "fingerprint": "bytea",
    "occurrence": "int",
    "known_fingerprint": "bytea",
    "known_occurrence": "int",
}
_ADD = f"""
INSERT INTO ledger_fingerprint (id, {", ".join(_ADDED)})
SELECT uuidv7(), {", ".join(_ADDED)} FROM {rows_of(_ADDED)} AS new
ON CONFLICT ON CONSTRAINT ledger_fingerprint_identity DO NOTHING
"""  # noqa: S608


class DjangoFingerprintRepository:
    """`FingerprintRepository` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def imports(
        self, *, owner: UserId, undone: bool, after: ImportId | None, limit: int
    ) -> Result[Sequence[ImportId], Never]:
        brought = Exists(StatementModel.objects.filter(source=OuterRef("id")))
        rows = ImportModel.objects.filter(brought, user_id=owner, undone_at__isnull=not undone)
        if after:
            rows = rows.filter(id__gt=after)
        found = rows.order_by("id").values_list("id", flat=True)[:limit]
        return Success([ImportId(each) for each in found])

    @in_database
    def seen(self, import_id: ImportId, *, owner: UserId) -> Result[Sequence[SeenRow], Never]:
        rows = SightingModel.objects.filter(source_id=import_id, user_id=owner)
        columns = ("place", "line", "fingerprint", "occurrence")
        found = rows.order_by("place", "line", "id").values_list(*columns)
        return Success(
            [
                SeenRow(place, line, Identity(bytes(fingerprint), occurrence))
                for place, line, fingerprint, occurrence in found
            ]
        )

    @in_database
    def kept(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        scheme: int,
        fingerprints: Collection[bytes],
        known: Collection[Identity],
    ) -> Result[Mapping[Identity, Identity], Never]:
        whose = [account_id, owner]
        found = _pairs(_LEADING_TO, whose, {each.fingerprint for each in known}, scheme)
        found |= _pairs(_KNOWN_AS, whose, fingerprints)
        found |= _pairs(_ENTERED_UNDER, whose, fingerprints)
        return Success(found)

    @in_database
    def add(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        scheme: int,
        pairs: Mapping[Identity, Identity],
    ) -> Result[int, Never]:
        rows = [
            (owner, account_id, scheme, own.fingerprint, own.occurrence, *_columns(known))
            for own, known in pairs.items()
        ]
        added = 0
        with connection.cursor() as cursor:
            for some in batches(rows):
                cursor.execute(_ADD, texts_of(_ADDED, some))
                added += cursor.rowcount
        return Success(added)


def known_as(
    account_id: AccountId, owner: UserId, identities: Sequence[Identity]
) -> Mapping[Identity, Identity]:
    wanted = {identity.fingerprint for identity in identities}
    return _pairs(_KNOWN_AS, [account_id, owner], wanted)


def owners_of_imports() -> list[UUID]:
    """Return who has imported anything, above the policies: for staff alone."""
    return list(ImportModel.objects.values_list("user_id", flat=True).distinct())


def _pairs(
    query: str, whose: Sequence[UUID], fingerprints: Collection[bytes], *more: int
) -> dict[Identity, Identity]:
    """Return what a query finds, whose every part is of an account, its owner and fingerprints."""
    found: dict[Identity, Identity] = {}
    parts = query.count(_OF_ACCOUNT)
    with connection.cursor() as cursor:
        for some in batches(list(set(fingerprints))):
            wanted: list[Any] = [*whose, column_of("bytea", some)] * parts
            cursor.execute(query, [*wanted, *more])
            for own, occurrence, known, known_occurrence in cursor:
                found[Identity(bytes(own), occurrence)] = Identity(bytes(known), known_occurrence)
    return found


def _columns(identity: Identity) -> tuple[bytes, int]:
    return identity.fingerprint, identity.occurrence
