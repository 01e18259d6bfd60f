"""What is a user's, row by row: however much it is, a batch is in memory."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field, JSONField

from adapters.persistence.belongings.tables import Table
from adapters.persistence.database import stop_if_cancelled
from adapters.persistence.ledger.models import FileModel
from adapters.persistence.ledger.repositories import content_of
from adapters.security.envelope import Keyring
from domain.identity.personal_data import Part
from domain.shared.ids import UserId

_TRAIL = (
    *("id", "occurred_at", "action", "result", "actor_kind", "actor_id"),
    *("resource_type", "resource_id", "trace_id", "ip_address", "user_agent", "details"),
)
# Who of the staff it was, and from where, is not the user's: only that it was staff.
_OF_STAFF = frozenset({"actor_id", "ip_address", "user_agent"})
_OF_TRAIL = "actor_id = %(owner)s OR (resource_type = 'user' AND resource_id = %(owner)s)"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of one statement, fetched as they are asked for by a cursor of the server."""

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
            # Numbers of documents stay exact too: as they are written, and as texts.
            row[name] = json.loads(row[name], parse_float=str)
        return row


def part_of(table: Table, owner: UserId, batch: int) -> Part:
    """Return a user's rows of a table, without what is hidden of them."""
    fields = _shown(table)
    columns = list(fields)
    key = next(name for name, each in fields.items() if each.primary_key)
    statement = f"SELECT {', '.join(columns)} FROM {table.name} WHERE {table.is_of} ORDER BY {key}"  # noqa: S608
    documents = frozenset(name for name, each in fields.items() if isinstance(each, JSONField))
    return Part(table.name, _Rows(statement, owner, columns, documents, batch))


def audit_part(owner: UserId, batch: int) -> Part:
    """Return what the trail tells of a user: what they did, and what was done to them."""
    columns = ", ".join(_without_staff(name) for name in _TRAIL)
    statement = f"SELECT {columns} FROM audit_entry WHERE {_OF_TRAIL} ORDER BY id"  # noqa: S608
    return Part("audit", _Rows(statement, owner, _TRAIL, frozenset({"details"}), batch))


def _without_staff(name: str) -> str:
    return f"CASE WHEN actor_kind <> 'staff' THEN {name} END" if name in _OF_STAFF else name


def files_of(owner: UserId, keyring: Callable[[], Keyring]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the files that a user brought, opened one after the other."""
    rows = FileModel.objects.filter(user_id=owner).order_by("id")
    for row in rows.iterator(chunk_size=1):
        stop_if_cancelled()
        yield bytes(row.digest), content_of(row, keyring())


def _shown(table: Table) -> "Mapping[str, Field[Any, Any]]":
    """Return the columns of a table that are no secrets."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table.name)
    columns = {str(each.column): each for each in model._meta.concrete_fields}
    return {name: each for name, each in columns.items() if name not in table.hidden}
