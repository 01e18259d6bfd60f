"""Staff who are logged in already: for tests of what they can see."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from adapters.persistence.staff.models import StaffUser
from domain.staff.values import StaffRole
from tests.factories import NOON

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def hire(role: StaffRole, name: str = "") -> StaffUser:
    """Add a member of staff without hashing a password."""
    with as_operator():
        return StaffUser.objects.create(username=name or role.value, role=role.value, added_at=NOON)


@contextmanager
def as_operator() -> Iterator[None]:
    """Do what the commands do: pages have no right to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        (before,) = cursor.fetchone()
        cursor.execute("SET LOCAL ROLE dashtam_operator")
        try:
            yield
        finally:
            cursor.execute("SELECT set_config('role', %s, true)", [before])


def let_in(client: Client, member: StaffUser, *, by_both: bool = True) -> Client:
    """Create a session, as logging in with both factors does."""
    client.force_login(member)
    if by_both:
        session = client.session
        session["second_factor_of"] = str(member.pk)
        session["second_factor_at"] = time.time()
        session.save()
    return client


def address(model: type[Model], page: str, *args: object) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


def pages(model: type[Model]) -> list[str]:
    """Return the addresses at which a model's rows are shown."""
    row = model._default_manager.only("pk").first()
    assert row is not None, f"nothing to look at in {model._meta.db_table}"
    urls = [address(model, page, row.pk) for page in ("change", "history")]
    return [address(model, "changelist"), *urls]


def may_view(role: StaffRole, model: type[Model]) -> bool:
    return role.may_view(model._meta.app_label)
