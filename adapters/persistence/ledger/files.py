"""Imported files: compressed, encrypted, found by their digest, and counted against a quota."""

import lzma
from typing import Never
from uuid import UUID

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.models import FileModel
from adapters.persistence.sealing import Sealing, context_in, context_of
from adapters.security.envelope import Keyring
from domain.ledger.errors import ImportNotFound
from domain.ledger.quotas import QuotaUsage
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success

_INSERT = """
INSERT INTO ledger_file (id, user_id, digest, sealed, key_id) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT ledger_file_digest DO NOTHING
"""
# The table's policy allows nothing else, as long as the user stays.
_DELETE_USELESS = """
DELETE FROM ledger_file WHERE user_id = %s AND digest = %s AND NOT EXISTS (
    SELECT FROM ledger_import AS i
    WHERE i.user_id = ledger_file.user_id AND i.digest = ledger_file.digest AND (
        i.error = '' OR (
            i.status = 'asked' AND i.undone_at IS NULL
            AND i.imported_at > now() - interval '30 days'
        )
    )
)
"""


class SealedFileArchive(Sealing):
    """`FileArchive` on PostgreSQL: one encrypted row for each file of a user."""

    @in_database
    def store(self, content: bytes, *, digest: bytes, owner: UserId) -> Result[int, Never]:
        stored = FileModel.objects.filter(user_id=owner, digest=digest)
        # Encrypting takes time: it happens before the lock.
        made = None if stored.exists() else self._sealed(content, owner)
        lock_files(owner)
        if made is None:
            if stored.exists():
                return Success(0)
            # It was dropped before the lock was taken.
            made = self._sealed(content, owner)
        row_id, sealed, key_id = made
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [row_id, owner, digest, sealed, key_id])
            return Success(len(sealed) if cursor.rowcount else 0)

    @in_database
    def delete(self, digest: bytes, *, owner: UserId) -> Result[bool, Never]:
        lock_files(owner)
        with connection.cursor() as cursor:
            cursor.execute(_DELETE_USELESS, [owner, digest])
            return Success(bool(cursor.rowcount))

    @in_database
    def get(self, digest: bytes, *, owner: UserId) -> Result[bytes, ImportNotFound]:
        row = FileModel.objects.filter(user_id=owner, digest=digest).first()
        if row is None:
            return Failure(ImportNotFound("The file is no longer stored."))
        return Success(content_of(row, self._keyring()))

    def _sealed(self, content: bytes, owner: UserId) -> tuple[UUID, bytes, str]:
        """Return a new row's id, its sealed content, and the id of the key."""
        row_id, keyring = new_id(), self._keyring()
        packed = lzma.compress(content, lzma.FORMAT_ALONE, preset=0)
        sealed = keyring.seal(packed, context_in(FileModel, row_id, owner))
        return row_id, sealed, keyring.primary


def content_of(row: FileModel, keyring: Keyring) -> bytes:
    """Return the bytes of a file as they were uploaded."""
    return lzma.decompress(keyring.open(bytes(row.sealed), context_of(row)))


_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('files ' || %s, 0))"
_USAGE = """
SELECT
    (SELECT coalesce(sum(octet_length(sealed)), 0) FROM ledger_file WHERE user_id = %(owner)s)
    + (SELECT coalesce(sum(octet_length(sealed)), 0) FROM ledger_preview
        WHERE user_id = %(owner)s),
    (SELECT count(*) FROM ledger_import WHERE user_id = %(owner)s AND status = 'waiting')
    + (SELECT count(*) FROM ledger_preview WHERE user_id = %(owner)s AND status = 'waiting')
"""


def lock_files(owner: UserId) -> None:
    """Keep others from storing or dropping files of this user until the transaction ends.

    Later statements of the transaction see everything that others have done.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [str(owner)])


class PostgresQuotaMeter(UsesDatabase):
    """`QuotaMeter` that adds up the stored sizes without reading the files."""

    @in_database
    def usage(self, *, owner: UserId) -> Result[QuotaUsage, Never]:
        with connection.cursor() as cursor:
            cursor.execute(_USAGE, {"owner": owner})
            stored, waiting = cursor.fetchone()
        return Success(QuotaUsage(int(stored), waiting))
