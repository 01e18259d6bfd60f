"""Pages that show and change nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest

from domain.audit.origin import origin
from domain.shared.events import Actor, ActorKind


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers alone
    """Shows rows to staff who may view them; nobody adds, changes or deletes one here."""

    # Counting a large table costs more than showing a page of it.
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@contextmanager
def working_as_staff(request: HttpRequest) -> Iterator[None]:
    """Have what is done meanwhile recorded as done by whoever uses the admin."""
    who = Actor(ActorKind.STAFF, request.user.pk)
    before = origin.set(replace(origin.get(), actor=who))
    try:
        yield
    finally:
        origin.reset(before)
