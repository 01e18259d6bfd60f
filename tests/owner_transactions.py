"""Repositories called as use cases call them: by the application, in a transaction of the owner."""

import inspect
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import wraps
from typing import Any
from uuid import UUID

from dashtam.container import container
from domain.identity.entities import User
from domain.shared.result import Failure
from tests.contracts.world import World

#: These have transactions of their own.
BESIDE = {"import_progress", "rate_limiter", "attempts", "sync_schedule"}


def called_by_owners(world: World) -> World:
    """Return the same repositories, each call of which is in a transaction of its owner.

    A right that the application lacks, or a policy that hides a row, is an error then.
    """
    wrapped: dict[str, Any] = {
        field.name: CalledByOwner(getattr(world, field.name))
        for field in fields(world)
        if field.name not in BESIDE
    }
    return replace(world, **wrapped)


class CalledByOwner:
    """A repository; whose rows a call is about is known by what it is given."""

    def __init__(self, repository: object) -> None:
        self._repository = repository

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._repository, name)
        if not inspect.iscoroutinefunction(method):
            return method

        @wraps(method)
        async def called(*args: Any, **kwargs: Any) -> Any:
            owner = kwargs.get("owner") or kwargs.get("user_id") or _owner_of(args)
            try:
                async with container.database.transaction(owner=owner):
                    result = await method(*args, **kwargs)
                    if isinstance(result, Failure):
                        raise _RolledBack
            except _RolledBack:
                pass
            return result

        return called


class _RolledBack(Exception):
    """A use case whose repository fails does not commit."""


def _owner_of(positional: Sequence[Any]) -> UUID | None:
    """Return the owner of the first argument with one; an id alone is taken for a user's."""
    flat = [
        each for one in positional for each in (one if isinstance(one, list | tuple) else [one])
    ]
    owners = [
        each.id if isinstance(each, User) else getattr(each, "user_id", None) for each in flat
    ]
    ids = [each for each in flat if isinstance(each, UUID)]
    return next((owner for owner in [*owners, *ids] if owner), None)
