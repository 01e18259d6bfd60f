"""Columns named `sealed`: what binds a value to its row, and encryption with the key in use."""

from collections.abc import Callable
from typing import Any, Never
from uuid import UUID

from django.apps import apps
from django.db.models import Model, QuerySet

from adapters.persistence.database import Database, UsesDatabase, in_database
from adapters.security.envelope import Keyring, SealContext
from domain.shared.ids import UserId
from domain.shared.result import Result, Success


class Sealing(UsesDatabase):
    """An adapter that encrypts what it stores. Keys are read when they are needed."""

    def __init__(self, database: Database, keyring: Callable[[], Keyring]) -> None:
        super().__init__(database)
        self._keyring = keyring


class DjangoKeyRotation(Sealing):
    """`KeyRotation` for all tables with sealed columns and a user."""

    @in_database
    def rewrap(self, *, owner: UserId) -> Result[int, Never]:
        of_user = (rows.filter(user_id=owner) for rows in _rows_of_users())
        return Success(sum(rewrap(rows, self._keyring()) for rows in of_user))


def sealed_models() -> list[type[Model]]:
    """Return every model with a sealed column."""
    return [model for model in apps.get_models() if "sealed" in _names(model)]


def owner_column(model: type[Model]) -> str:
    """Return the column of whom a sealed value belongs to."""
    return "user_id" if "user" in _names(model) else "staff_id"


def context_in(model: type[Model], row_id: UUID, owner: UUID) -> SealContext:
    """Return what binds a sealed value to its row and its owner."""
    return SealContext(model._meta.db_table, "sealed", row_id, owner)


def context_of(row: Any) -> SealContext:
    """Return what binds the sealed value of a row to it."""
    return context_in(type(row), row.id, getattr(row, owner_column(type(row))))


def rewrap(rows: "QuerySet[Any]", keyring: Keyring) -> int:
    """Encrypt what is under another key with the one in use; return how many these were."""
    outdated = under_another_key(rows, keyring.primary).order_by("id").select_for_update()
    # One at a time: a file may be large.
    ids = list(outdated.values_list("id", flat=True))
    for row_id in ids:
        one = rows.filter(id=row_id)
        row = one.get()
        sealed = keyring.rewrap(bytes(row.sealed), context_of(row))
        one.update(sealed=sealed, key_id=keyring.primary)
    return len(ids)


def under_another_key(rows: "QuerySet[Any]", primary: str) -> "QuerySet[Any]":
    """Return the rows with a sealed value under another key."""
    outdated = rows.exclude(key_id=primary)
    # Staff may not read most sealed columns, not even to ask whether they are empty.
    if rows.model._meta.get_field("sealed").null:
        return outdated.filter(sealed__isnull=False)
    return outdated


def owners_to_rotate(primary: str) -> list[UUID]:
    """Return the users with anything under another key. For staff: no policy applies."""
    found: set[UUID] = set()
    for rows in _rows_of_users():
        found.update(under_another_key(rows, primary).values_list("user_id", flat=True).distinct())
    return sorted(found)


def _rows_of_users() -> "list[QuerySet[Any]]":
    models = (model for model in sealed_models() if "user" in _names(model))
    return [model._default_manager.all() for model in models]


def _names(model: type[Model]) -> set[str]:
    return {field.name for field in model._meta.get_fields()}
