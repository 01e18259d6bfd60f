"""Every page of the admin opens, for staff alone, and none but staff's own changes anything."""

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.staff.models import StaffUser
from domain.shared.ids import new_id
from tests.contracts.world import World
from tests.factories import make_entry, make_session, make_snapshot, make_transaction

OURS = sorted(
    (model for model in apps.get_models() if model.__module__.startswith("adapters.")),
    key=lambda model: model._meta.label,
)
READ_ONLY = [model for model in OURS if model is not StaffUser]


@pytest.fixture
def staff(django_world: World, client: Client) -> Client:
    """A staff user, and one row of everything to look at."""
    async_to_sync(_fill)(django_world)
    OutboxModel.objects.create(
        type="x.happened", aggregate_type="x", aggregate_id=new_id(), payload={}
    )
    client.force_login(StaffUser.objects.create_superuser("grace", "", "a long enough password"))
    return client


async def _fill(world: World) -> None:
    account = await world.account()
    source = await world.source(account)
    await world.sessions.add(make_session(account.user_id))
    await world.transactions.add([make_transaction(account, source)])
    await world.balances.add([make_snapshot(account, source)])
    await world.audit_trail.append(make_entry())


def _address(model: type[Model], page: str, *args: object) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


def test_every_table_has_its_page() -> None:
    assert [model for model in OURS if not admin.site.is_registered(model)] == []


@pytest.mark.parametrize("path", ["/admin/", "/admin/password_change/", "/admin/jsi18n/"])
def test_common_pages_open(staff: Client, path: str) -> None:
    assert staff.get(path).status_code == 200


@pytest.mark.parametrize("model", [*admin.site._registry], ids=lambda model: model._meta.label)
def test_every_page_that_staff_may_open_opens(staff: Client, model: type[Model]) -> None:
    assert staff.get(_address(model, "changelist")).status_code == 200
    expected = 403 if model in READ_ONLY else 200
    assert staff.get(_address(model, "add")).status_code == expected
    row = model._default_manager.first()
    if row is not None:
        assert staff.get(_address(model, "history", row.pk)).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_lists_open_and_can_be_searched(staff: Client, model: type[Model]) -> None:
    assert staff.get(_address(model, "changelist")).status_code == 200
    for words in ("nothing", str(new_id()), "\0", "a%"):
        assert staff.get(_address(model, "changelist"), {"q": words}).status_code in (200, 302)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_rows_open(staff: Client, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None

    response = staff.get(_address(model, "change", row.pk))

    assert response.status_code == 200
    assert "100200300" not in response.content.decode()


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model._meta.label)
def test_nothing_can_be_changed(staff: Client, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None

    assert staff.get(_address(model, "add")).status_code == 403
    assert staff.post(_address(model, "change", row.pk), {}).status_code == 403
    assert staff.post(_address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.count() == 1


@pytest.mark.parametrize("path", ["/admin/", "/admin/ledger/accountmodel/"])
def test_strangers_are_sent_to_the_door(database: None, client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


def test_the_door_opens_with_a_password(database: None, client: Client) -> None:
    StaffUser.objects.create_superuser("grace", "", "a long enough password")
    form = {"username": "grace", "password": "a long enough password", "next": "/admin/"}

    assert client.post("/admin/login/", form).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_door_needs_its_own_form(database: None) -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/admin/login/", {"username": "grace", "password": "x"})

    assert response.status_code == 403


def test_pages_may_not_be_framed(staff: Client) -> None:
    assert staff.get("/admin/").headers["X-Frame-Options"] == "DENY"


def test_style_sheets_are_served(client: Client) -> None:
    response = client.get("/static/admin/css/base.css")

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/css")
