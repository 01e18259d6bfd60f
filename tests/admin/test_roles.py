"""Each role opens the pages that it is there for, and no other: found from the registry."""

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from adapters.audit.models import AuditEntryModel
from adapters.persistence.staff.models import StaffUser
from domain.shared.ids import new_id
from domain.staff.values import StaffRole
from tests.admin.people import MODELS, address, as_operator, hire, let_in, may_view, pages

LOGIN_PAGES = {"login", "second_factor"}


@pytest.fixture
def within(as_staff: None, client: Client, role: StaffRole) -> Client:
    """A member with a role."""
    return let_in(client, StaffUser.objects.get(username=role.value))


@pytest.mark.parametrize("role", StaffRole)
class TestEveryRole:
    def test_opens_exactly_what_it_may_view(self, within: Client, role: StaffRole) -> None:
        for model in MODELS:
            expected = 200 if may_view(role, model) else 403
            opened = {page: within.get(page).status_code for page in pages(model)}
            assert set(opened.values()) == {expected}, opened

    def test_changes_nothing(self, within: Client, role: StaffRole) -> None:
        for model in MODELS:
            row = model._default_manager.only("pk").first()
            assert row is not None
            for page in (
                address(model, "add"),
                address(model, "change", row.pk),
                address(model, "delete", row.pk),
            ):
                assert within.post(page, {"post": "yes"}).status_code == 403, page

    def test_sees_only_its_own_features(self, within: Client, role: StaffRole) -> None:
        index = within.get("/admin/").content.decode()

        for label in {model._meta.app_label for model in MODELS}:
            page = f"/admin/{label}/"
            assert within.get(page).status_code == (200 if role.may_view(label) else 403)
            assert (page in index) is role.may_view(label)

    def test_does_not_learn_whether_a_row_exists(self, within: Client, role: StaffRole) -> None:
        for model in (each for each in MODELS if not may_view(role, each)):
            for page in ("change", "history", "delete"):
                missing = address(model, page, new_id())
                assert within.get(missing).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_visitors_are_sent_to_the_login_page(
    as_staff: None, client: Client, model: type[Model]
) -> None:
    for page in pages(model):
        _is_redirected_to_login(client, page)


def test_a_member_with_only_a_password_is_sent_to_the_login_page(
    as_staff: None, client: Client
) -> None:
    let_in(client, hire(StaffRole.ADMINISTRATOR, "grace"), by_both=False)

    for page in _page_urls():
        _is_redirected_to_login(client, page)
    assert AuditEntryModel.objects.filter(action__startswith="staff.page").count() == 0


def test_another_members_second_factor_does_not_count(as_staff: None, client: Client) -> None:
    grace, eve = hire(StaffRole.SUPPORT, "grace"), hire(StaffRole.ADMINISTRATOR, "eve")
    let_in(client, grace)
    session = client.session
    session["_auth_user_id"], session["_auth_user_hash"] = str(eve.pk), eve.get_session_auth_hash()
    session.save()

    _is_redirected_to_login(client, "/admin/")


def test_a_disabled_member_is_logged_out_at_once(as_staff: None, client: Client) -> None:
    grace = hire(StaffRole.SUPPORT, "grace")
    let_in(client, grace)
    assert client.get("/admin/").status_code == 200

    with as_operator():
        StaffUser.objects.filter(pk=grace.pk).update(is_active=False)

    _is_redirected_to_login(client, "/admin/")


def test_permissions_follow_django(filled: None) -> None:
    support, operator = (
        StaffUser.objects.get(username=role.value)
        for role in (StaffRole.SUPPORT, StaffRole.OPERATOR)
    )

    assert support.has_perms(["identity.view_usermodel", "ledger.view_accountmodel"])
    for denied in ("identity.change_usermodel", "outbox.view_outboxmodel", "identity.operate_x"):
        assert not support.has_perm(denied)
    assert operator.has_perm("outbox.operate_outboxmodel")
    assert not operator.has_perm("audit.operate_auditentrymodel")
    assert not operator.has_module_perms("audit")
    operator.is_active = False
    assert not operator.has_perm("outbox.view_outboxmodel")
    assert not operator.has_module_perms("outbox")


def _is_redirected_to_login(client: Client, page: str) -> None:
    response = client.get(page)
    assert response.status_code == 302, page
    assert response.headers["Location"].startswith("/admin/login/"), page


def _page_urls() -> list[str]:
    """Return every admin URL without parameters, except those for logging in."""
    (site,) = (
        each
        for each in get_resolver().url_patterns
        if isinstance(each, URLResolver) and str(each.pattern) == "admin/"
    )
    pages = [
        f"/admin/{each.pattern}"
        for each in site.url_patterns
        if isinstance(each, URLPattern) and each.name not in {*LOGIN_PAGES, "logout"}
    ]
    lists = [address(model, "changelist") for model in MODELS]
    return [page for page in [*pages, *lists] if not set(page) & set("<(?")]
