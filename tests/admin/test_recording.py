"""Every page that staff open is an audit entry, or it is not given out."""

from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError
from django.db.models import Model
from django.test import Client

from adapters.audit.models import AuditEntryModel
from adapters.audit.trail import DjangoAuditTrail
from adapters.persistence.identity.models import UserModel
from adapters.persistence.staff.models import StaffUser
from domain.shared.ids import new_id
from domain.staff.values import StaffRole
from tests.admin.people import MODELS, address, hire, let_in, pages

COMMON = {
    "/admin/": "index",
    "/admin/ledger/": "app_list",
    "/admin/password_change/": "password_change",
    "/admin/password_change/done/": "password_change_done",
}


class Trail:
    """The audit entries since the recording began."""

    def __init__(self) -> None:
        self._before = self._ids()

    def news(self) -> list[AuditEntryModel]:
        before, self._before = self._before, self._ids()
        new = AuditEntryModel.objects.exclude(id__in=before)
        return list(new.order_by("id"))

    def _ids(self) -> set[UUID]:
        return set(AuditEntryModel.objects.values_list("id", flat=True))


@pytest.fixture
def grace(staff: Client) -> StaffUser:
    return StaffUser.objects.get(username="grace")


@pytest.fixture
def trail(staff: Client) -> Trail:
    return Trail()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_page_of_rows_is_audited_once(
    staff: Client, grace: StaffUser, trail: Trail, model: type[Model]
) -> None:
    row = model._default_manager.only("pk").first()
    assert row is not None
    prefix = f"{model._meta.app_label}_{model._meta.model_name}"
    for page, name in zip(pages(model), ("changelist", "change", "history"), strict=True):
        before = {str(pk) for pk in model._default_manager.values_list("pk", flat=True)}
        assert staff.get(page).status_code == 200

        (entry,) = trail.news()
        assert (entry.action, entry.result) == ("staff.page_viewed", "success")
        assert (entry.actor_kind, entry.actor_id) == ("staff", grace.id)
        assert (entry.resource_type, entry.resource_id) == ("staff", grace.id)
        assert entry.details["page"] == f"{prefix}_{name}"
        listed = before if name == "changelist" else set()
        assert {str(each) for each in entry.details["shown"]} == listed
        recorded_id = None if name == "changelist" else str(row.pk)
        recorded = entry.details["object_id"]
        assert (recorded if recorded is None else str(recorded)) == recorded_id


@pytest.mark.parametrize("page", COMMON)
def test_every_common_page_is_audited_once(
    staff: Client, grace: StaffUser, trail: Trail, page: str
) -> None:
    assert staff.get(page).status_code == 200

    (entry,) = trail.news()
    assert (entry.action, entry.actor_id) == ("staff.page_viewed", grace.id)
    assert entry.details == {"page": COMMON[page], "object_id": None, "shown": []}


def test_the_ip_address_is_recorded(staff: Client, trail: Trail) -> None:
    trace = "ab" * 16
    staff.get("/admin/", headers={"traceparent": f"00-{trace}-{'1' * 16}-01", "User-Agent": "x/1"})

    (entry,) = trail.news()
    assert (entry.trace_id, entry.user_agent, entry.ip_address) == (trace, "x/1", "127.0.0.1")


def test_the_search_text_is_not_recorded(staff: Client, trail: Trail) -> None:
    staff.get(address(UserModel, "changelist"), {"q": "ada@example.org"})

    (entry,) = trail.news()
    assert entry.details["shown"] == [str(UserModel.objects.get().pk)]
    assert "example" not in str(entry.details)


def test_an_invalid_id_is_not_recorded(staff: Client, client: Client, trail: Trail) -> None:
    let_in(client, StaffUser.objects.get(username="auditor"))

    page = address(UserModel, "change", "ada@example.org")
    assert client.get(page).status_code == 403

    (entry,) = trail.news()
    assert entry.details == {"page": "identity_usermodel_change", "object_id": None}


def test_scripts_are_not_audited(staff: Client, trail: Trail) -> None:
    assert staff.get("/admin/jsi18n/").status_code == 200

    assert trail.news() == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_refusal_is_audited_once(
    staff: Client, grace: StaffUser, trail: Trail, model: type[Model]
) -> None:
    row = model._default_manager.only("pk").first()
    assert row is not None
    requests: list[tuple[str, dict[str, Any]]] = [
        (address(model, "add"), {}),
        (address(model, "change", row.pk), {}),
        (address(model, "delete", row.pk), {"post": "yes"}),
        (address(model, "changelist"), {"action": "delete_selected", "_selected_action": ["1"]}),
    ]
    for page, form in requests:
        assert staff.post(page, form).status_code == 403

        (entry,) = trail.news()
        assert (entry.action, entry.result) == ("staff.page_denied", "denied")
        assert (entry.actor_kind, entry.actor_id) == ("staff", grace.id)
        assert entry.details.keys() == {"page", "object_id"}


def test_a_refused_page_of_another_feature_is_audited(
    as_staff: None, client: Client, trail: Trail
) -> None:
    support = hire(StaffRole.SUPPORT, "eve")
    let_in(client, support)
    for page in ("/admin/audit/", "/admin/audit/auditentrymodel/"):
        assert client.get(page).status_code == 403
        (entry,) = trail.news()
        assert (entry.action, entry.actor_id) == ("staff.page_denied", support.id)


def test_unauthenticated_visitors_are_not_audited(as_staff: None, client: Client) -> None:
    trail = Trail()
    client.get("/admin/")
    client.get("/admin/login/")

    assert trail.news() == []


class TestWithoutAnEntry:
    """What cannot be recorded is not shown."""

    @pytest.fixture
    def outage(self, staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def disconnected(self: object, entries: object) -> None:
            raise OperationalError("the connection is closed")

        monkeypatch.setattr(DjangoAuditTrail, "write", disconnected)

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
    def test_no_page_is_sent(self, staff: Client, outage: None, model: type[Model]) -> None:
        for page in pages(model):
            response = staff.get(page)
            assert response.status_code == 503
            assert response.headers["Content-Type"] == "application/problem+json"
            assert response.headers["Retry-After"] == "5"

    def test_no_refusal_is_sent(self, staff: Client, outage: None) -> None:
        assert staff.get(address(UserModel, "add")).status_code == 503

    def test_nobody_is_logged_out(self, staff: Client, outage: None) -> None:
        assert staff.post("/admin/logout/").status_code == 503

    def test_nobody_is_logged_in(self, staff: Client, outage: None, client: Client) -> None:
        client.logout()
        form = {"name": "nobody", "password": "x", "code": ""}

        assert client.post("/admin/login/", form).status_code == 503

    def test_no_defect_is_sent(self, staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(self: object, entries: object) -> None:
            raise KeyError

        monkeypatch.setattr(DjangoAuditTrail, "write", broken)
        staff.raise_request_exception = False

        assert staff.get(address(UserModel, "changelist")).status_code == 500


def test_a_missing_row_is_not_recorded(staff: Client, trail: Trail) -> None:
    assert staff.get(address(UserModel, "change", new_id())).status_code == 302

    assert trail.news() == []
