"""Taking one of the two locks away: the owner filter of the repositories, or the policies."""

from typing import Any

import pytest
from django.apps import apps
from django.db.models import Manager, Model


def remove_owner_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every repository ask for rows as if it had forgotten whose they are."""
    for model in apps.get_models():
        if model.__module__.startswith("adapters."):
            monkeypatch.setattr(model, "objects", _forgetful(model))


class _Forgetful(Manager[Any]):
    """Leaves owners out of every condition."""

    def filter(self, *args: Any, **conditions: Any) -> Any:
        remaining = {name: value for name, value in conditions.items() if name != "user_id"}
        return self.get_queryset().filter(*args, **remaining)


def _forgetful(model: type[Model]) -> Manager[Any]:
    manager: Manager[Any] = _Forgetful()
    manager.model = model
    return manager
