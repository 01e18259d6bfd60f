"""Admin pages that change nothing and show no personal data."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse

from dashtam.admin.sessions import staff_id_of
from domain.audit.origin import origin
from domain.shared.events import Actor

#: Columns of these types hold only ids, counts and times.
PLAIN = (
    models.UUIDField,
    models.DateField,
    models.IntegerField,
    models.BooleanField,
    models.ForeignKey,
)


def is_plain(column: "models.Field[Any, Any]") -> bool:
    """Return whether a column holds only ids, counts and times, or arrays of them."""
    return isinstance(column.base_field if isinstance(column, ArrayField) else column, PLAIN)


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers alone
    """Shows rows to staff who may view them; nobody adds, changes or deletes one here.

    Text and amounts are left out for everybody, and a new column is too until it is named here.
    """

    #: Text columns with our own values only: kinds, statuses, names of keys.
    codes: tuple[str, ...] = ()
    #: Methods that show a part of hidden columns.
    masked: tuple[str, ...] = ()

    # Counting a large table costs more than showing a page of it.
    show_full_result_count = False
    change_form_template = "admin/staff_row.html"
    # The number of rows that an audit entry names: `MOST_SHOWN` in `record_page`.
    list_per_page = 50
    list_max_show_all = 50

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        columns = self.opts.concrete_fields
        shown = [each.name for each in columns if is_plain(each)]
        named = [each.name for each in columns if each.name in self.codes]
        return [*shown, *named, *self.masked]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Return whether they may use actions with `permissions=["operate"]`."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.operate_{self.opts.model_name}"))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> models.Model | None:
        """Find a row by its id only: Django takes an empty `_to_field` for the name of a column."""
        return super().get_object(request, object_id)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow filters only: `?email__startswith=a` would reveal a hidden column."""
        column, _, how = lookup.partition("__")
        filters = {each if isinstance(each, str) else each[0] for each in self.list_filter}  # type: ignore[index]  # pairs, or names
        return column in filters and how in ("", "exact", "isnull", "isempty")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        chosen = request.POST.get("action")
        if chosen and chosen not in self.get_actions(request):
            # Django would respond that no action was chosen.
            raise PermissionDenied
        self._refuse_what_is_no_id(request.POST.getlist("_selected_action"))
        return super().changelist_view(request, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            # Checked before the look-up, which would reveal whether the row exists.
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def _refuse_what_is_no_id(self, chosen: list[str]) -> None:
        try:
            for each in chosen:
                self.opts.pk.to_python(each)
        except ValidationError:
            raise BadRequest("That is not a valid id.") from None


@contextmanager
def working_as_staff(request: HttpRequest) -> Iterator[None]:
    """Record the member of staff as the actor of everything in this block."""
    who = Actor.staff(staff_id_of(request))
    before = origin.set(replace(origin.get(), actor=who))
    try:
        yield
    finally:
        origin.reset(before)
