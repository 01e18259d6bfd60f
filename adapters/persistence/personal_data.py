"""All data of a user: the one list of its tables, for exporting, erasing and purging it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Never, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Field, JSONField
from django.db.models.functions import Now

from adapters.persistence.database import (
    Database,
    allow_long_transaction,
    in_database,
    stop_if_cancelled,
)
from adapters.persistence.identity.models import UserModel
from adapters.persistence.ledger.files import content_of, lock_files
from adapters.persistence.ledger.models import FileModel
from adapters.security.envelope import Keyring
from domain.identity.personal_data import Part, PersonalData
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result, Success


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows of users, and which of its columns are secret."""

    name: str
    owner: str = "user_id"
    hidden: frozenset[str] = frozenset()

    @property
    def is_of(self) -> str:
        """Return the condition for a user's rows. Its parameter is `owner`."""
        return f"{self.owner} = %(owner)s"


#: A table comes before those it refers to. The user is last: that row says that all are due.
TABLES = (
    Table("connections_link"),
    Table("sharing_connected_app", hidden=frozenset({"setup_digest", "access_digest"})),
    Table("ledger_import_progress"),
    Table("ledger_transfer"),
    Table("ledger_match"),
    Table("ledger_imported_category"),
    Table("ledger_rule_effect"),
    Table("ledger_rule_application"),
    Table("ledger_rule"),
    Table("ledger_imported_rows"),
    Table("ledger_prior_state"),
    Table("ledger_transaction_version"),
    Table("ledger_holding"),
    Table("ledger_statement"),
    Table("ledger_balance"),
    Table("ledger_transaction"),
    Table("ledger_category_version"),
    Table("ledger_category"),
    Table("ledger_security"),
    Table("ledger_csv_profile"),
    Table("ledger_exchange_rates"),
    Table("ledger_file", hidden=frozenset({"sealed"})),
    Table("ledger_preview", hidden=frozenset({"sealed"})),
    Table("ledger_import"),
    Table("ledger_account_merge"),
    Table("ledger_account_alias"),
    Table("ledger_account_version"),
    Table("ledger_account"),
    Table("connections_pending_step", hidden=frozenset({"sealed"})),
    Table("connections_credential", hidden=frozenset({"sealed"})),
    Table("connections_consent"),
    Table("connections_connection"),
    Table("connections_schedule", owner="owner"),
    Table("connections_request_count", owner="owner"),
    Table("identity_usage"),
    Table("identity_refresh_token", hidden=frozenset({"digest"})),
    Table("identity_session", hidden=frozenset({"token_digest"})),
    Table("identity_mailed_token", hidden=frozenset({"digest"})),
    Table("identity_recovery_code", hidden=frozenset({"digest"})),
    Table("identity_second_factor", hidden=frozenset({"sealed"})),
    Table("identity_api_token", hidden=frozenset({"token_digest"})),
    Table("identity_user", owner="id", hidden=frozenset({"password_hash"})),
)


#: A user has no more use for a session that ended so long ago. Its refresh tokens have expired by
#: then too: see `RefreshToken.LIFETIME`.
_OVER = "least(ended_at, expires_at) < now() - interval '30 days'"

#: Expired rows of tables, each table before those it refers to. Policies let no other rows go.
EXPIRED = (
    (
        "identity_refresh_token",
        "expires_at < now() AND EXISTS (SELECT FROM identity_session AS s"
        " WHERE s.user_id = identity_refresh_token.user_id AND s.id = session_id"
        f" AND {_OVER})",
    ),
    ("identity_session", _OVER),
    # They count towards the emails of an hour: see `MailedToken.WITHIN`.
    (
        "identity_mailed_token",
        "expires_at < now() AND issued_at < now() - interval '1 hour'",
    ),
    # Files whose imports all failed, the last one a day ago, or that nobody answered for thirty
    # days: see `SealedFileArchive.delete`.
    (
        "ledger_file",
        "NOT EXISTS (SELECT FROM ledger_import AS i WHERE i.user_id = ledger_file.user_id"
        " AND i.digest = ledger_file.digest"
        " AND (i.error = '' OR i.imported_at > now() - interval '1 day'"
        " OR (i.status = 'asked' AND i.undone_at IS NULL"
        " AND i.imported_at > now() - interval '30 days')))",
    ),
    ("ledger_preview", "created_at < now() - interval '1 day'"),
    ("connections_pending_step", "expires_at < now()"),
    # Older ones say nothing of use, and some are of connections that were never authorised.
    ("connections_request_count", "day < current_date - 40"),
    (
        "identity_usage",
        "NOT EXISTS (SELECT FROM identity_session AS s"
        " WHERE s.user_id = identity_usage.user_id AND s.id = identity_usage.id)"
        " AND NOT EXISTS (SELECT FROM identity_api_token AS t"
        " WHERE t.user_id = identity_usage.user_id AND t.id = identity_usage.id)"
        " AND NOT EXISTS (SELECT FROM sharing_connected_app AS a"
        " WHERE a.user_id = identity_usage.user_id AND a.id = identity_usage.id)",
    ),
)


#: Whose the rows of each table are.
_OWNER_IN = {table.name: table.owner for table in TABLES}

_OWNERS_TO_PURGE = " UNION ".join(
    f"SELECT {_OWNER_IN[table]} AS user_id FROM {table} WHERE {expired}"  # noqa: S608
    for table, expired in EXPIRED
)


def owners_due() -> list[UUID]:
    """Return the users due for erasure, longest waiting first. For staff: no policy applies."""
    due = UserModel.objects.filter(erase_after__lte=Now())
    return list(due.order_by("erase_after", "id").values_list("id", flat=True))


def owners_to_purge() -> list[UUID]:
    """Return the users with expired rows. For staff: no policy applies."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_OWNERS_TO_PURGE} ORDER BY user_id")
        return [owner for (owner,) in cursor.fetchall()]


_TRAIL = (
    *("id", "occurred_at", "action", "result", "actor_kind", "actor_id"),
    *("resource_type", "resource_id", "trace_id", "ip_address", "user_agent", "details"),
)
# A user sees that it was staff, but not who, nor from where.
_OF_STAFF = frozenset({"actor_id", "ip_address", "user_agent"})
_OF_TRAIL = "actor_id = %(owner)s OR (resource_type = 'user' AND resource_id = %(owner)s)"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of one statement, fetched in batches by a server-side cursor."""

    statement: str
    owner: UserId
    columns: Sequence[str]
    documents: frozenset[str]
    batch: int

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.statement, {"owner": self.owner})
            while found := cursor.fetchmany(self.batch):
                stop_if_cancelled()
                yield from map(self._row, found)

    def _row(self, values: Sequence[Any]) -> Mapping[str, object]:
        row = dict(zip(self.columns, values, strict=True))
        for name in self.documents:
            # Numbers in documents stay exact, as text.
            row[name] = json.loads(row[name], parse_float=str)
        return row


def part_of(table: Table, owner: UserId, batch: int) -> Part:
    """Return a user's rows of a table without its secret columns."""
    fields = _shown(table)
    columns = list(fields)
    key = next(name for name, each in fields.items() if each.primary_key)
    statement = f"SELECT {', '.join(columns)} FROM {table.name} WHERE {table.is_of} ORDER BY {key}"  # noqa: S608
    documents = frozenset(name for name, each in fields.items() if isinstance(each, JSONField))
    return Part(table.name, _Rows(statement, owner, columns, documents, batch))


def audit_part(owner: UserId, batch: int) -> Part:
    """Return the audit entries of a user: what they did, and what was done to them."""
    columns = ", ".join(_without_staff(name) for name in _TRAIL)
    statement = f"SELECT {columns} FROM audit_entry WHERE {_OF_TRAIL} ORDER BY id"  # noqa: S608
    return Part("audit", _Rows(statement, owner, _TRAIL, frozenset({"details"}), batch))


def _without_staff(name: str) -> str:
    return f"CASE WHEN actor_kind <> 'staff' THEN {name} END" if name in _OF_STAFF else name


def files_of(owner: UserId, keyring: Callable[[], Keyring]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the digest and the content of each file of a user, decrypted one after the other."""
    rows = FileModel.objects.filter(user_id=owner).order_by("id")
    for row in rows.iterator(chunk_size=1):
        stop_if_cancelled()
        yield bytes(row.digest), content_of(row, keyring())


def _shown(table: Table) -> "Mapping[str, Field[Any, Any]]":
    """Return the columns of a table that are not secret."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table.name)
    columns = {str(each.column): each for each in model._meta.concrete_fields}
    return {name: each for name, each in columns.items() if name not in table.hidden}


T = TypeVar("T")

BATCH = 1_000

# The database's time decides, as in its policies.
_LOCK_DUE = """
SELECT FROM identity_user WHERE id = %s AND erase_after <= now() FOR UPDATE SKIP LOCKED
"""


class DjangoPersonalDataRepository:
    """`PersonalDataRepository` over all tables. Files are decrypted as they are read."""

    def __init__(
        self, database: Database, keyring: Callable[[], Keyring], batch: int = BATCH
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._batch = batch

    @in_database
    def read(self, use: Callable[[PersonalData], T], *, owner: UserId) -> Result[T, Unavailable]:
        # Tables are sorted before their first row arrives.
        allow_long_transaction(steps=True)
        parts = [part_of(table, owner, self._batch) for table in TABLES]
        trail = audit_part(owner, self._batch)
        return Success(use(PersonalData([*parts, trail], files_of(owner, self._keyring))))

    @in_database
    def lock_due(self, owner: UserId) -> Result[bool, Never]:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_DUE, [owner])
            return Success(cursor.rowcount == 1)

    @in_database
    def erase(self, owner: UserId) -> Result[Mapping[str, int], Never]:
        # COMMIT, which checks foreign keys, may take long too.
        allow_long_transaction(steps=True)
        erased = {table.name: _delete(table.name, table.is_of, owner) for table in TABLES}
        if erased[TABLES[-1].name] != 1:
            # Policies silently keep rows that are not due.
            raise RuntimeError("a user was to be erased who is not due")
        return Success({name: count for name, count in erased.items() if count})

    @in_database
    def purge(self, owner: UserId) -> Result[Mapping[str, int], Never]:
        # Without the lock, a file that is being uploaded again could be deleted.
        lock_files(owner)
        purged = {
            table: _delete(table, f"{_OWNER_IN[table]} = %(owner)s AND {expired}", owner)
            for table, expired in EXPIRED
        }
        return Success({table: count for table, count in purged.items() if count})


def _delete(table: str, condition: str, owner: UserId) -> int:
    stop_if_cancelled()
    with connection.cursor() as cursor:
        # The statement is put together from our own names only.
        cursor.execute(f"DELETE FROM {table} WHERE {condition}", {"owner": owner})  # noqa: S608
        return int(cursor.rowcount)
