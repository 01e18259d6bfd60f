"""Keys are rotated by a process that is killed at any moment, and run again until it is done."""

import os
import random
import subprocess
import sys
import time
from base64 import b64encode
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings

from adapters.audit.trail import DjangoAuditTrail
from adapters.persistence.connections.models import CredentialModel
from adapters.persistence.connections.vault import DjangoCredentialVault
from adapters.persistence.identity.models import SecondFactorModel
from adapters.persistence.identity.second_factors import SealedSecondFactorRepository
from adapters.persistence.ledger.files import SealedFileArchive
from adapters.persistence.ledger.models import FileModel
from adapters.persistence.staff.models import SecondFactorModel as StaffFactorModel
from adapters.persistence.staff.repositories import DjangoStaffRepository, SealedStaffFactors
from adapters.security.envelope import Keyring
from dashtam.container import container
from domain.audit.entities import AuditEntry
from domain.audit.origin import origin
from domain.connections.values import Credentials
from domain.identity.values import TotpSecret
from domain.shared.events import SYSTEM
from domain.shared.ids import ConnectionId, UserId
from domain.shared.result import Success
from domain.staff.actions import STAFF_ADDED
from tests.adapters.audit.tools import audit_tools_in
from tests.adapters.persistence.roles import value
from tests.contracts.staff import make_factor, make_member
from tests.factories import (
    NOON,
    just_now,
    make_connection,
    make_entry,
    make_second_factor,
    make_user,
)
from tests.lanes import SEED, many
from tests.postgres import url_of

pytestmark = pytest.mark.slow

USERS = many(20, 600)
KILLS = many(2, 40)
DIGEST = bytes(32)
OLD, NEW = b"o" * 32, b"n" * 32
GRACE = make_member()
FACTOR = make_factor(GRACE, confirmed_at=NOON)


@pytest.fixture
def populated(committing_database: str) -> str:
    vault = DjangoCredentialVault(container.database, lambda: Keyring({"k1": OLD}))
    files = SealedFileArchive(container.database, lambda: Keyring({"k1": OLD}))
    factors = SealedSecondFactorRepository(container.database, lambda: Keyring({"k1": OLD}))
    async_to_sync(_populate)(vault, files, factors)
    async_to_sync(_enrol)()
    return committing_database


async def _populate(
    vault: DjangoCredentialVault, files: SealedFileArchive, factors: SealedSecondFactorRepository
) -> None:
    for number in range(USERS):
        user = make_user(f"{number}@example.org")
        tie = make_connection(user.id)
        async with container.database.transaction(owner=user.id):
            await container.ports.users.add(user)
            await container.ports.connections.add(tie)
            await vault.store(tie.id, _secret(number), owner=user.id)
            await files.store(_file(number), digest=DIGEST, owner=user.id)
            await factors.upsert(make_second_factor(user.id, secret=_totp(number)))
            await container.audit_trail.append(make_entry())


async def _enrol() -> None:
    """A member of staff has a second factor."""
    factors = SealedStaffFactors(container.staff_database, lambda: Keyring({"k1": OLD}))
    # The row that commands for staff would add.
    async with container.operator_database.transaction():
        await DjangoStaffRepository(container.operator_database).add(GRACE)
        added = STAFF_ADDED.record(
            subject_id=GRACE.id, actor=SYSTEM, occurred_at=just_now(), role=GRACE.role
        )
        trail = DjangoAuditTrail(container.operator_database, lambda: container.mac_keys)
        await trail.append(AuditEntry.of(added, origin.get()))
    async with container.staff_database.transaction():
        await factors.upsert(FACTOR)
        await container.staff.ports.audit_trail.append(make_entry())


def _file(number: int) -> bytes:
    return f"file {number}".encode() * 100


def _totp(number: int) -> TotpSecret:
    return TotpSecret(f"{number:020}".encode())


def _secret(number: int) -> Credentials:
    return Credentials(f"secret {number}".encode())


def _rotate(database: str) -> "subprocess.Popen[bytes]":
    keys = {"k2": NEW, "k1": OLD}
    keys_text = ",".join(f"{key_id}:{b64encode(key).decode()}" for key_id, key in keys.items())
    environment = {
        **os.environ,
        "DATABASE_URL": url_of(database),
        "CREDENTIAL_KEYS": keys_text,
        "DATA_DIR": str(settings.DATA_DIR),
    }
    command = [sys.executable, "manage.py", "rotate_keys"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=settings.ROOT, env=environment, stdout=quiet)


def _kill_while_rotating(database: str, chance: random.Random) -> bool:
    """Start a rotation, and kill it; return whether it was still running."""
    process, before = _rotate(database), _left()
    while process.poll() is None and _left() == before:
        time.sleep(0.002)
    time.sleep(chance.random() * 0.05)
    was_at_work = process.poll() is None
    process.kill()
    process.wait()
    return was_at_work


def _left() -> int:
    sealed = (CredentialModel, FileModel, SecondFactorModel, StaffFactorModel)
    return sum(model._default_manager.filter(key_id="k1").count() for model in sealed)


def test_no_kill_loses_a_credential(populated: str, tmp_path: Any) -> None:
    chance = random.Random(SEED)
    killed = sum(_kill_while_rotating(populated, chance) for _ in range(KILLS))
    assert killed > KILLS / 2, f"seed {SEED}"
    assert _rotate(populated).wait() == 0

    assert _left() == 0, f"seed {SEED}"
    rewrapped = "SELECT coalesce(sum((details->>'count')::int), 0) FROM audit_entry"
    assert value(f"{rewrapped} WHERE action = 'credentials.rewrapped'") == 3 * USERS
    async_to_sync(_all_open)()
    assert audit_tools_in(tmp_path).verify().findings == []


async def _all_open() -> None:
    vault = DjangoCredentialVault(container.database, lambda: Keyring({"k2": NEW}))
    files = SealedFileArchive(container.database, lambda: Keyring({"k2": NEW}))
    factors = SealedSecondFactorRepository(container.database, lambda: Keyring({"k2": NEW}))
    rows = CredentialModel.objects.order_by("id").values_list("user_id", "connection_id")
    number = -1
    async for user_id, connection_id in rows:
        number += 1
        async with container.database.transaction(owner=user_id):
            found = await vault.reveal(ConnectionId(connection_id), owner=UserId(user_id))
            file = await files.get(DIGEST, owner=UserId(user_id))
            factor = await factors.get(UserId(user_id))
        assert found == Success(_secret(number))
        assert file == Success(_file(number))
        assert isinstance(factor, Success)
        assert factor.value.secret == _totp(number)
    assert number == USERS - 1
    of_staff = SealedStaffFactors(container.staff_database, lambda: Keyring({"k2": NEW}))
    assert await of_staff.get(GRACE.id) == Success(FACTOR)
