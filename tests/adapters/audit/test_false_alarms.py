"""Nothing is found where nothing was done to the trail, whatever people do."""

from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command

from adapters.audit.histories import adopt, record_histories
from adapters.audit.models import AuditEntryModel
from adapters.audit.years import retire
from adapters.persistence.plain import connect
from dashtam.application.identity.account_closure import CloseUser
from dashtam.application.identity.email_tokens import RequestPasswordReset
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.personal_data import EraseUser
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.application.staff.manage_staff import AddStaff, DisableStaff, ResetStaff
from dashtam.container import container
from domain.ledger.imports import ImportRequest
from domain.shared.result import Failure, Success
from domain.staff.values import StaffRole
from tests.adapters.audit.test_export import export
from tests.adapters.audit.tools import AuditTools, audit_tools_in, live
from tests.adapters.audit.years import OLD, with_an_old_year
from tests.commands.test_erase_due import let_pass_here
from tests.mailbox import mailed
from tests.statements import days, ofx, statement

pytestmark = pytest.mark.usefixtures("committing_database")
PASSWORD = "a long enough password"


@pytest.fixture
def audit(tmp_path: Path) -> AuditTools:
    return audit_tools_in(tmp_path)


def assert_clean(audit: AuditTools) -> None:
    """Verify before and after sealing, with all keys."""
    assert audit.verify().findings == []
    audit.seal()
    report = audit.verify()
    assert (report.findings, report.unproven, report.unsealed) == ([], 0, 0)


def test_after_the_demo(audit: AuditTools) -> None:
    call_command("demo")

    assert_clean(audit)


def test_after_accounts_are_closed(audit: AuditTools) -> None:
    async_to_sync(_live_and_leave)("ada@example.org")
    async_to_sync(live)("eve@example.org")
    assert_clean(audit)

    with connect() as connection, connection.transaction():
        tombstones = connection.execute("SELECT relation, rows FROM guard.deletion").fetchall()
    assert ("identity_user", 1) in tombstones


async def _live_and_leave(email: str) -> None:
    user_id = await live(email)
    opened = await container.use(LogIn)(email=email, password=PASSWORD)
    assert isinstance(opened, Success)
    content = ofx(statement(*days(7)))
    done = await container.use(ImportPipeline)(
        ImportRequest(user_id=user_id, file_name="y.ofx", content=content)
    )
    assert isinstance(done, Success)
    undone = await container.use(UndoImport)(import_id=done.value.id, user_id=user_id)
    assert isinstance(undone, Success)
    assert isinstance(await container.use(LogIn)(email=email, password="wrong"), Failure)
    assert isinstance(await container.use(CloseUser)(user_id=user_id), Success)
    await container.drain()
    await let_pass_here(user_id)
    erased = await container.use(EraseUser)(user_id=user_id)
    assert isinstance(erased, Success)
    assert erased.value is not None
    await container.drain()


def test_after_events_are_delivered(audit: AuditTools) -> None:
    """What a reaction writes is not within a savepoint."""
    async_to_sync(_change_password)("ada@example.org")

    assert_clean(audit)


async def _change_password(email: str) -> None:
    await live(email)
    opened = await container.use(LogIn)(email=email, password=PASSWORD)
    assert isinstance(opened, Success)
    await container.use(RequestPasswordReset)(email=email)
    await container.drain()
    changed = await container.use(ResetPassword)(token=mailed(), password=PASSWORD * 2)
    assert isinstance(changed, Success)
    await container.drain()
    actions = [each.action async for each in AuditEntryModel.objects.order_by("id")]
    assert "sessions.ended" in actions


def test_after_staff_are_added_and_disabled(audit: AuditTools) -> None:
    add, reset, disable = (
        container.operator.use(AddStaff),
        container.operator.use(ResetStaff),
        container.operator.use(DisableStaff),
    )
    added = async_to_sync(add)(name="grace", role=StaffRole.AUDITOR, password=PASSWORD * 2)
    assert isinstance(added, Success)
    assert isinstance(async_to_sync(reset)(name="grace", password=PASSWORD * 3), Success)
    assert_clean(audit)
    assert isinstance(async_to_sync(disable)(name="grace"), Success)

    assert_clean(audit)


def restore(audit: AuditTools) -> None:
    with connect() as connection:
        adopt(connection, audit.mac_keys(), at=container.ports.clock.now())
    records = list(audit.witness.records())
    record_histories(container.audit_trail, records, at=container.ports.clock.now())


def test_while_the_witness_lags(audit: AuditTools) -> None:
    async_to_sync(live)()
    audit.seal()
    restore(audit)
    file = audit.witness._path
    before = file.read_bytes()
    audit.seal()
    file.write_bytes(before)

    assert audit.verify().findings == []
    # With what comes next it will have heard of this one too.
    audit.seal()
    assert_clean(audit)


def test_after_retiring_a_year_and_restoring_the_trail(audit: AuditTools, tmp_path: Path) -> None:
    async_to_sync(live)()
    with_an_old_year(3)
    assert_clean(audit)
    archive = export(audit, tmp_path / "old.zip", OLD)
    public = {audit.key.key_id: audit.key.key.public_key()}
    for _ in range(2):
        restore(audit)
        assert_clean(audit)
    now = container.ports.clock.now()
    retire(OLD, archive, container.audit_trail, public, audit.mac_keys(), at=now)
    assert_clean(audit)

    async_to_sync(live)("eve@example.org")
    assert_clean(audit)
