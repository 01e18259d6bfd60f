"""A database rejects keys other than those it was written with, whatever else is in it."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from adapters.audit.mac import MacKeys
from adapters.persistence.connections.vault import DjangoCredentialVault, SealedPendingSteps
from adapters.persistence.identity.second_factors import SealedSecondFactorRepository
from adapters.persistence.key_check import OtherKeys, require_keys
from adapters.persistence.ledger.files import SealedFileArchive
from adapters.persistence.ledger.previews import SealedPreviewRepository
from adapters.persistence.plain import connect
from adapters.persistence.sealing import sealed_models
from adapters.persistence.staff.repositories import SealedStaffFactors
from adapters.security.envelope import Keyring
from dashtam import keys
from dashtam.container import container
from domain.connections.values import Credentials
from domain.shared.ids import UserId
from tests.adapters.audit.forging import forge
from tests.contracts.staff import make_factor, make_member
from tests.factories import (
    NOON,
    make_connection,
    make_entry,
    make_pending_step,
    make_preview,
    make_second_factor,
    make_user,
)
from tests.unaudited import add_entry

RING, SAME_ID = Keyring({"k1": b"o" * 32}), Keyring({"k1": b"n" * 32})
DIGEST = bytes(32)


async def _connection(owner: UserId) -> None:
    tie = make_connection(owner)
    await container.ports.connections.add(tie)
    vault = DjangoCredentialVault(container.database, lambda: RING)
    await vault.store(tie.id, Credentials(b"secret"), owner=owner)


async def _step(owner: UserId) -> None:
    tie = make_connection(owner)
    await container.ports.connections.add(tie)
    steps = SealedPendingSteps(container.database, lambda: RING)
    await steps.store(tie.id, make_pending_step(), owner=owner)


async def _file(owner: UserId) -> None:
    files = SealedFileArchive(container.database, lambda: RING)
    await files.store(b"a file", digest=DIGEST, owner=owner)


async def _factor(owner: UserId) -> None:
    factors = SealedSecondFactorRepository(container.database, lambda: RING)
    await factors.upsert(make_second_factor(owner))


async def _preview(owner: UserId) -> None:
    previews = SealedPreviewRepository(container.database, lambda: RING)
    await previews.add(make_preview(owner), b"a file")


SEALING = {
    "connections_credential": _connection,
    "connections_pending_step": _step,
    "ledger_file": _file,
    "identity_second_factor": _factor,
    "ledger_preview": _preview,
}


async def _as_user(seal: Callable[[UserId], Any]) -> None:
    user = make_user()
    async with container.database.transaction(owner=user.id):
        await container.ports.users.add(user)
        await seal(user.id)
        await container.audit_trail.append(make_entry())


async def _as_staff() -> None:
    member = make_member()
    factors = SealedStaffFactors(container.staff_database, lambda: RING)
    async with container.operator_database.transaction():
        await container.operator.ports.staff.add(member)
        await container.operator.ports.audit_trail.append(make_entry())
    async with container.staff_database.transaction():
        await factors.upsert(make_factor(member, confirmed_at=NOON))
        await container.staff.ports.audit_trail.append(make_entry())


def _check(macs: MacKeys | None = None, ring: Keyring = RING) -> None:
    with connect() as connection:
        require_keys(connection, macs or MacKeys(keys.of("AUDIT_MAC_KEYS")), ring)


@pytest.mark.usefixtures("committing_database")
class TestSealed:
    def test_every_sealed_column_is_covered(self) -> None:
        tables = {model._meta.db_table for model in sealed_models()}
        assert tables == {*SEALING, "staff_second_factor"}

    @pytest.mark.parametrize("table", [*SEALING, "staff_second_factor"])
    def test_is_checked_with_the_key_itself(self, table: str) -> None:
        if table in SEALING:
            async_to_sync(_as_user)(SEALING[table])
        else:
            async_to_sync(_as_staff)()

        _check()
        for other in (SAME_ID, Keyring({"k2": b"o" * 32})):
            with pytest.raises(OtherKeys, match="CREDENTIAL_KEYS"):
                _check(ring=other)

    def test_forged_rows_do_not_prevent_the_check(self) -> None:
        async_to_sync(_as_user)(_file)
        with connect() as connection, connection.transaction():
            cursor = connection.cursor()
            add_entry(cursor)
            cursor.execute(
                "INSERT INTO public.ledger_file (id, user_id, digest, sealed, key_id)"
                " SELECT uuidv7(), user_id, uuid_send(uuidv7()), sealed, key_id"
                " FROM public.ledger_file"
            )

        _check()


@pytest.mark.usefixtures("committing_database")
class TestTrail:
    def test_with_other_keys_is_refused(self) -> None:
        async_to_sync(container.audit_trail.append)(make_entry())

        _check()
        with pytest.raises(OtherKeys, match="AUDIT_MAC_KEYS"):
            _check(MacKeys({"k1": bytes(32)}))

    def test_forged_entries_do_not_prevent_the_check(self) -> None:
        async_to_sync(container.audit_trail.append)(make_entry())
        forge(20)
        with connect() as connection:
            row = connection.execute("SELECT count(*) FROM public.audit_entry").fetchone()
        assert row == (21,)

        _check()
