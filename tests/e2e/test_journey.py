"""A user's whole journey, over a live server on the migrated database, without fakes."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import TransactionModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.staff.models import StaffUser
from dashtam.application.staff.manage_staff import AddStaff
from dashtam.container import container
from domain.shared.result import Success
from domain.staff.values import StaffRole
from tests.admin.people import let_in
from tests.canaries import PASSWORD
from tests.e2e.server import Server, running
from tests.postgres import as_login
from tests.waiting import until

pytestmark = pytest.mark.slow

EXAMPLE = settings.ROOT / "examples" / "statements" / "checking-and-card.ofx"
CREDENTIALS = {"email": "ada@example.org", "password": PASSWORD}


@pytest.fixture
def server(committing_database: str) -> Iterator[Server]:
    """The application with the rights it has in production."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{committing_database}")
    with running(as_login(url.geturl(), "dashtam_app")) as server:
        yield server


def test_a_user_registers_imports_reads_and_leaves(server: Server, client: Client) -> None:
    server.enter(CREDENTIALS)
    assert server.get("/api/v1/users/me")["email"] == CREDENTIALS["email"]

    status, imported = server.upload(EXAMPLE.read_bytes())
    assert (status, imported["new"], imported["quarantined"]) == (201, 13, [])
    status, repeated = server.upload(EXAMPLE.read_bytes())
    assert (status, repeated) == (200, imported)

    accounts = server.get("/api/v1/accounts")["items"]
    assert [account["balance"]["amount"] for account in accounts] == [
        "2714.55",
        "5304.12",
        "-83.49",
    ]
    checking = accounts[0]["id"]
    page = server.get(f"/api/v1/accounts/{checking}/transactions?limit=5")
    rest = server.get(f"/api/v1/accounts/{checking}/transactions?cursor={page['next_cursor']}")
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (5, 3, None)
    assert server.get(f"/api/v1/accounts/{checking}")["number"] == "0000111122"
    assert server.get(f"/api/v1/accounts/{checking}/balances")["items"]
    assert server.get(f"/api/v1/transactions/{page['items'][0]['id']}")["raw"]

    rows = server.download("/api/v1/export?format=csv").count(b"\r\n") - 1
    assert rows == server.download("/api/v1/export?format=ofx").count(b"<STMTTRN>") == 13

    assert server.call("DELETE", "/api/v1/sessions/current")[0] == 204
    assert server.call("GET", "/api/v1/accounts")[0] == 401

    _every_step_is_in_the_trail()
    _staff_can_view_it(client)


def _every_step_is_in_the_trail() -> None:
    actions = list(AuditEntryModel.objects.order_by("id").values_list("action", flat=True))
    steps = ["user.registered", "token.mailed", "email.verified", "session.opened"]
    steps += ["user.viewed", "statement.imported", "statement.resubmitted"]
    steps += ["accounts.viewed", "transactions.viewed", "account.viewed", "balances.viewed"]
    steps += ["transaction.viewed", "ledger.exported", "session.ended", "session.authenticate"]
    assert [step for step in steps if step not in actions] == []
    # The server's relay goes on by itself.
    until(lambda: not OutboxModel.objects.filter(delivered_at__isnull=True).exists())
    assert TransactionModel.objects.count() == 13
    announced = set(OutboxModel.objects.values_list("id", flat=True))
    entries = set(AuditEntryModel.objects.values_list("id", flat=True))
    assert announced <= entries


def _staff_can_view_it(client: Client) -> None:
    added = async_to_sync(container.operator.use(AddStaff))(
        name="grace", role=StaffRole.AUDITOR, password="a long enough password"
    )
    assert isinstance(added, Success)
    let_in(client, StaffUser.objects.get())
    page = client.get("/admin/audit/auditentrymodel/?q=statement.imported").content.decode()
    assert "1 audit entry" in page
