"""Every page of the admin opens, for staff alone, and none but staff's own changes anything."""

from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection, connections
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from adapters.persistence.audit.models import AuditCheckpointModel, AuditEntryModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.staff.models import StaffUser
from dashtam.container import container
from domain.shared.ids import new_id
from tests.contracts.world import World
from tests.factories import NOON, make_entry

OURS = sorted(
    (model for model in apps.get_models() if model.__module__.startswith("adapters.")),
    key=lambda model: model._meta.label,
)
CHECKPOINT = {
    "number": 1,
    "first_xid": 0,
    "end_xid": 9,
    "entries": 0,
    "total": 0,
    "leaves": b"",
    "root": bytes(32),
    "previous": bytes(32),
    "key_id": "k1",
    "signature": bytes(64),
    "sealed_at": NOON,
}
#: Of an account, the name of a file, what a bank wrote, and the header of a profile.
PERSONAL = ("100200300", "march.ofx", "TRNTYPE", "Shop")
READ_ONLY = [model for model in OURS if model is not StaffUser]


@pytest.fixture
def staff(django_world: World, client: Client) -> Iterator[Client]:
    """A staff user, and one row of everything to look at."""
    async_to_sync(_fill)(django_world)
    OutboxModel.objects.create(
        type="x.happened", aggregate_type="x", aggregate_id=new_id(), payload={}
    )
    AuditCheckpointModel.objects.create(**CHECKPOINT)
    # Nobody knocks at the door, so there is no password to hash.
    client.force_login(StaffUser.objects.create_superuser("grace", ""))
    # From here on with the rights that the admin has in production.
    connection.cursor().execute("SET LOCAL ROLE dashtam_staff")
    with container.database.borrowing(connections["default"]):
        yield client


async def _fill(world: World) -> None:
    await world.fill(await world.account())
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
    row = model._default_manager.only("pk").first()
    if row is not None:
        assert staff.get(_address(model, "history", row.pk)).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_lists_open_and_can_be_searched(staff: Client, model: type[Model]) -> None:
    assert staff.get(_address(model, "changelist")).status_code == 200
    for words in ("nothing", str(new_id()), "\0", "a%"):
        assert staff.get(_address(model, "changelist"), {"q": words}).status_code in (200, 302)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_rows_open(staff: Client, model: type[Model]) -> None:
    row = model._default_manager.only("pk").first()
    assert row is not None

    response = staff.get(_address(model, "change", row.pk))

    assert response.status_code == 200
    assert [each for each in PERSONAL if each in response.content.decode()] == []


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model._meta.label)
def test_nothing_can_be_changed(staff: Client, model: type[Model]) -> None:
    row = model._default_manager.only("pk").first()
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


class TestDeadEvents:
    @pytest.fixture
    def dead(self, staff: Client) -> OutboxModel:
        connection.cursor().execute("RESET ROLE")
        OutboxModel.objects.update(dead_at=NOON, attempts=12, last_error="KeyError")
        connection.cursor().execute("SET LOCAL ROLE dashtam_staff")
        return OutboxModel.objects.get()

    def send_again(self, client: Client, event: OutboxModel) -> None:
        form = {"action": "resend", "_selected_action": [str(event.pk)]}
        assert client.post(_address(OutboxModel, "changelist"), form).status_code == 302

    def test_are_sent_again_and_that_is_recorded(self, staff: Client, dead: OutboxModel) -> None:
        self.send_again(staff, dead)

        event = OutboxModel.objects.get()
        assert (event.dead_at, event.attempts, event.last_error) == (None, 0, "")
        entry = AuditEntryModel.objects.get(action="events.resent")
        grace = StaffUser.objects.get()
        assert (entry.actor_kind, entry.actor_id, entry.details) == (
            "staff",
            grace.id,
            {"count": 1},
        )

    def test_need_a_permission(self, staff: Client, dead: OutboxModel) -> None:
        StaffUser.objects.update(is_superuser=False)
        grace = StaffUser.objects.get()
        grace.user_permissions.add(Permission.objects.get(codename="view_outboxmodel"))

        staff.post(
            _address(OutboxModel, "changelist"),
            {"action": "resend", "_selected_action": [str(dead.pk)]},
        )

        assert OutboxModel.objects.get().dead_at is not None
