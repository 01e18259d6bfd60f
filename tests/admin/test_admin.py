"""Every page of the admin opens, for staff alone, and none of them changes anything."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import SessionModel, UserModel
from adapters.persistence.ledger.models import ImportedRowsModel, TransactionModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.staff.models import StaffUser
from domain.shared.ids import new_id
from domain.staff.values import StaffRole
from tests.admin.people import MODELS, address, let_in
from tests.factories import NOON

OURS = [model for model in apps.get_models() if model.__module__.startswith("adapters.")]


def test_every_table_has_exactly_one_page() -> None:
    assert set(OURS) == {*admin.site._registry}


@pytest.mark.parametrize("path", ["/admin/", "/admin/password_change/", "/admin/jsi18n/"])
def test_common_pages_open(staff: Client, path: str) -> None:
    assert staff.get(path).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_lists_open_and_can_be_searched(staff: Client, model: type[Model]) -> None:
    assert staff.get(address(model, "changelist")).status_code == 200
    for words in ("nothing", str(new_id()), "\0", "a%"):
        assert staff.get(address(model, "changelist"), {"q": words}).status_code in (200, 302)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_nothing_can_be_changed(staff: Client, model: type[Model]) -> None:
    row = model._default_manager.only("pk").first()
    assert row is not None
    before = model._default_manager.count()

    assert staff.get(address(model, "add")).status_code == 403
    assert staff.post(address(model, "add"), {}).status_code == 403
    assert staff.post(address(model, "change", row.pk), {}).status_code == 403
    assert staff.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    assert staff.post(address(model, "changelist"), chosen).status_code == 403

    changed = model._default_manager.count() - before
    # Five refusals, each of them audited.
    assert changed == (5 if model is AuditEntryModel else 0)


def test_rows_of_imports_are_found_by_their_transaction(staff: Client) -> None:
    row = TransactionModel.objects.get()
    found = staff.get(address(ImportedRowsModel, "changelist"), {"q": f" {row.id} "})
    other = staff.get(address(ImportedRowsModel, "changelist"), {"q": str(new_id())})

    assert [each.transaction_ids for each in found.context["cl"].result_list] == [[row.id]]
    assert not other.context["cl"].result_list


def test_customers_are_found_by_their_full_email_address(staff: Client) -> None:
    found = staff.get(address(UserModel, "changelist"), {"q": "ada@example.org"})
    part = staff.get(address(UserModel, "changelist"), {"q": "ada"})

    assert "1 user" in found.content.decode()
    assert "a…@e….org" in found.content.decode()
    assert "0 users" in part.content.decode()


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (UserModel, {"email__startswith": "a"}),
        (UserModel, {"password_hash__contains": "x"}),
        (TransactionModel, {"amount__lt": "0"}),
        (TransactionModel, {"description__icontains": "shop"}),
        (TransactionModel, {"user__email__startswith": "a"}),
        (TransactionModel, {"kind__startswith": "d"}),
        (StaffUser, {"password__startswith": "a"}),
    ],
)
def test_a_hidden_column_cannot_be_searched(
    staff: Client, model: type[Model], query: dict[str, str]
) -> None:
    assert staff.get(address(model, "changelist"), query).status_code == 400


def test_lists_are_filtered_only_by_columns_they_show(staff: Client) -> None:
    page = address(TransactionModel, "changelist")

    assert "1 transaction" in staff.get(page, {"status": "posted"}).content.decode()
    assert "0 transactions" in staff.get(page, {"status": "pending"}).content.decode()
    dead = staff.get(address(OutboxModel, "changelist"), {"dead_at__isempty": "1"})
    assert dead.status_code == 200


def test_rows_are_not_revealed_to_autocompletion(staff: Client) -> None:
    query = {"app_label": "ledger", "model_name": "accountmodel", "field_name": "user", "term": ""}

    assert staff.get("/admin/autocomplete/", query).status_code == 404


def test_a_selection_consists_of_ids(staff: Client) -> None:
    form = {"action": "end_sessions", "_selected_action": ["nobody"]}
    client = let_in(staff, StaffUser.objects.get(username=StaffRole.OPERATOR.value))

    assert client.post(address(UserModel, "changelist"), form).status_code == 400


def test_rows_have_no_page_elsewhere(staff: Client) -> None:
    assert staff.get("/admin/r/1/1/").status_code == 404


def test_nothing_links_to_lists_that_are_always_empty(staff: Client) -> None:
    row = UserModel.objects.only("pk").get()

    assert "Recent actions" not in staff.get("/admin/").content.decode()
    assert "history" not in staff.get(address(UserModel, "change", row.pk)).content.decode()


def test_a_failure_is_logged(
    staff: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("of ours")

    monkeypatch.setattr(admin.site._registry[UserModel], "get_queryset", fail)
    staff.raise_request_exception = False

    assert staff.get(address(UserModel, "changelist")).status_code == 500
    assert "request.failed" in caplog.text
    assert "of ours" in caplog.text


def test_pages_cannot_be_framed(staff: Client) -> None:
    assert staff.get("/admin/").headers["X-Frame-Options"] == "DENY"


def test_stylesheets_are_served(database: None, client: Client) -> None:
    response = client.get("/static/admin/css/base.css")

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/css")


class TestDeadEvents:
    @pytest.fixture
    def dead(self, as_staff: None) -> OutboxModel:
        connection.cursor().execute("RESET ROLE")
        OutboxModel.objects.update(dead_at=NOON, attempts=12, last_error="KeyError")
        connection.cursor().execute("SET LOCAL ROLE dashtam_staff")
        return OutboxModel.objects.get()

    def resend(self, client: Client, role: StaffRole, event: OutboxModel) -> int:
        let_in(client, StaffUser.objects.get(username=role.value))
        form = {"action": "resend", "_selected_action": [str(event.pk)]}
        return client.post(address(OutboxModel, "changelist"), form).status_code

    def test_can_be_resent_and_that_is_audited(self, client: Client, dead: OutboxModel) -> None:
        assert self.resend(client, StaffRole.OPERATOR, dead) == 302

        event = OutboxModel.objects.get()
        assert (event.dead_at, event.attempts, event.last_error) == (None, 0, "")
        entry = AuditEntryModel.objects.get(action="events.resent")
        operator = StaffUser.objects.get(username="operator")
        assert (entry.actor_kind, entry.actor_id, entry.details) == (
            "staff",
            operator.id,
            {"count": 1},
        )

    @pytest.mark.parametrize("role", [each for each in StaffRole if not each.may_operate])
    def test_can_be_resent_only_by_operators(
        self, client: Client, dead: OutboxModel, role: StaffRole
    ) -> None:
        assert self.resend(client, role, dead) == 403

        assert OutboxModel.objects.get().dead_at is not None
        entry = AuditEntryModel.objects.get(action="staff.page_denied")
        assert entry.details["page"] == "outbox_outboxmodel_changelist"


class TestEndingSessions:
    def end(self, client: Client, role: StaffRole) -> int:
        let_in(client, StaffUser.objects.get(username=role.value))
        form = {"action": "end_sessions", "_selected_action": [str(UserModel.objects.get().pk)]}
        return client.post(address(UserModel, "changelist"), form).status_code

    def test_is_allowed_to_operators_and_audited_as_theirs(
        self, client: Client, as_staff: None
    ) -> None:
        SessionModel.objects.filter(ended_at=None).get()
        assert self.end(client, StaffRole.OPERATOR) == 302

        entry = AuditEntryModel.objects.get(action="sessions.ended")
        operator = StaffUser.objects.get(username="operator")
        assert (entry.actor_kind, entry.actor_id) == ("staff", operator.id)
        assert entry.resource_id == UserModel.objects.get().pk

    @pytest.mark.parametrize("role", [each for each in StaffRole if not each.may_operate])
    def test_is_refused_to_all_others(
        self, client: Client, as_staff: None, role: StaffRole
    ) -> None:
        assert self.end(client, role) == 403

        assert not AuditEntryModel.objects.filter(action="sessions.ended").exists()
        assert SessionModel.objects.filter(ended_at=None).count() == 1
