"""Nothing is found where nothing was done to the trail, whatever people do."""

from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command

from adapters.audit.adopt import adopt
from adapters.audit.histories import record_histories
from adapters.audit.models import AuditEntryModel
from adapters.audit.retire import retire
from adapters.persistence.plain import connect
from dashtam.application.identity.account_closure import CloseUser
from dashtam.application.identity.email_tokens import RequestPasswordReset
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.passwords import ResetPassword
from dashtam.application.identity.personal_data import EraseUser
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.application.staff.manage_staff import AddStaff, DisableStaff, ResetStaff
from dashtam.container import container
from domain.shared.result import Failure, Success
from domain.staff.values import StaffRole
from tests.adapters.audit.custody import Custody, custody_in, live
from tests.adapters.audit.test_export import export
from tests.adapters.audit.years import OLD, with_an_old_year
from tests.commands.test_erase_due import let_pass_here
from tests.letters import mailed
from tests.statements import days, ofx, statement

pytestmark = pytest.mark.usefixtures("committing_database")
PASSWORD = "a long enough password"


@pytest.fixture
def custody(tmp_path: Path) -> Custody:
    return custody_in(tmp_path)


def assert_clean(custody: Custody) -> None:
    """Verify before and after sealing, with all keys."""
    assert custody.verify().findings == []
    custody.seal()
    report = custody.verify()
    assert (report.findings, report.unproven, report.unsealed) == ([], 0, 0)


def test_after_the_demo(custody: Custody) -> None:
    call_command("demo")

    assert_clean(custody)


def test_after_lives_that_are_over(custody: Custody) -> None:
    async_to_sync(_live_and_leave)("ada@example.org")
    async_to_sync(live)("eve@example.org")
    assert_clean(custody)

    with connect() as connection, connection.transaction():
        kept = connection.execute("SELECT relation, rows FROM guard.deletion").fetchall()
    assert ("identity_user", 1) in kept


async def _live_and_leave(email: str) -> None:
    user_id = await live(email)
    opened = await container.use(LogIn)(email=email, password=PASSWORD)
    assert isinstance(opened, Success)
    content = ofx(statement(*days(7)))
    done = await container.use(ImportStatement)(user_id=user_id, file_name="y.ofx", content=content)
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


def test_after_facts_were_reacted_to(custody: Custody) -> None:
    """What a reaction writes is not within a savepoint."""
    assert [each.event.name for each in container.subscriptions if not each.outside] == []
    async_to_sync(_change_password)("ada@example.org")

    assert_clean(custody)


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


def test_after_staff_came_and_went(custody: Custody) -> None:
    add, reset, disable = (
        container.operator.use(AddStaff),
        container.operator.use(ResetStaff),
        container.operator.use(DisableStaff),
    )
    added = async_to_sync(add)(name="grace", role=StaffRole.AUDITOR, password=PASSWORD * 2)
    assert isinstance(added, Success)
    assert isinstance(async_to_sync(reset)(name="grace", password=PASSWORD * 3), Success)
    assert_clean(custody)
    assert isinstance(async_to_sync(disable)(name="grace"), Success)

    assert_clean(custody)


def restore(custody: Custody) -> None:
    with connect() as connection:
        adopt(connection, custody.mac_keys(), at=container.ports.clock.now())
    told = list(custody.witness.testimonies())
    record_histories(container.audit_trail, told, at=container.ports.clock.now())


def test_while_the_witness_is_behind(custody: Custody) -> None:
    async_to_sync(live)()
    custody.seal()
    restore(custody)
    file = custody.witness._path
    before = file.read_bytes()
    custody.seal()
    file.write_bytes(before)

    assert custody.verify().findings == []
    # With what comes next it will have heard of this one too.
    custody.seal()
    assert_clean(custody)


def test_after_a_year_was_retired_and_the_trail_restored(custody: Custody, tmp_path: Path) -> None:
    async_to_sync(live)()
    with_an_old_year(3)
    assert_clean(custody)
    archive = export(custody, tmp_path / "old.zip", OLD)
    public = {custody.key.key_id: custody.key.key.public_key()}
    for _ in range(2):
        restore(custody)
        assert_clean(custody)
    now = container.ports.clock.now()
    retire(OLD, archive, container.audit_trail, public, custody.mac_keys(), at=now)
    assert_clean(custody)

    async_to_sync(live)("eve@example.org")
    assert_clean(custody)
