"""Credentials in PostgreSQL: sealed, bound to their rows, and put under new keys."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from adapters.persistence.connections.models import CredentialModel, PendingStepModel
from adapters.persistence.connections.vault import DjangoCredentialVault, SealedPendingSteps
from adapters.persistence.sealing import DjangoKeyRotation
from adapters.security.envelope import Keyring, Unopenable
from dashtam.application.connections.rotate_keys import RotateKeys
from dashtam.application.identity.users import RegisterUser
from dashtam.container import container
from domain.connections.values import Credentials
from domain.shared.ids import ConnectionId, UserId
from domain.shared.result import Success
from tests.adapters.persistence.roles import value
from tests.contracts.world import World
from tests.factories import NOON, just_now, make_connection, make_pending_step

SECRET = Credentials(b"user and password at the bank")
NEWER = b"n" * 32


@pytest.fixture
def stored(django_world: World) -> CredentialModel:
    async_to_sync(_insert)(django_world)
    return CredentialModel.objects.get()


async def _insert(world: World) -> None:
    made = await world.connection(await world.user())
    await world.vault.store(made.id, SECRET, owner=made.user_id)


def test_nothing_readable_is_stored(stored: CredentialModel) -> None:
    assert SECRET.secret not in bytes(stored.sealed)
    assert stored.key_id == container.keyring.primary


@pytest.mark.parametrize(
    "change",
    [
        "sealed = 'user and password'",
        "sealed = ''",
        "sealed = substring(sealed FROM 1 FOR 80)",
        "sealed = overlay(sealed PLACING '\\x02' FROM 1)",
        "sealed = overlay(sealed PLACING '\\x00' FROM 2)",
        "key_id = 'another'",
    ],
)
def test_the_database_refuses_an_unsealed_credential(stored: CredentialModel, change: str) -> None:
    refused = pytest.raises(IntegrityError, match="connections_credential_sealed_form")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE connections_credential SET {change}")


async def test_a_credential_copied_to_another_row_cannot_be_opened(django_world: World) -> None:
    ada = await django_world.connection(await django_world.user())
    eve = await django_world.connection(await django_world.user("eve@example.org"))
    await django_world.vault.store(ada.id, SECRET, owner=ada.user_id)
    await django_world.vault.store(eve.id, Credentials(b"other"), owner=eve.user_id)
    stolen = await CredentialModel.objects.aget(user_id=ada.user_id)
    await CredentialModel.objects.filter(user_id=eve.user_id).aupdate(sealed=stolen.sealed)

    with pytest.raises(Unopenable):
        await django_world.vault.reveal(eve.id, owner=eve.user_id)


async def test_a_pending_step_is_sealed_and_put_under_a_newer_key(django_world: World) -> None:
    made = await django_world.connection(await django_world.user())
    owner, pending = made.user_id, make_pending_step(state="a secret state")
    await django_world.pending_steps.store(made.id, pending, owner=owner)
    row = await PendingStepModel.objects.aget()
    assert b"secret state" not in bytes(row.sealed)
    assert b"a dialog" not in bytes(row.sealed)
    both = Keyring({"k9": NEWER, **container.keyring.keys})

    rotation = DjangoKeyRotation(container.database, lambda: both)
    assert await rotation.rewrap(owner=owner) == Success(1)
    assert await rotation.rewrap(owner=owner) == Success(0)

    alone = SealedPendingSteps(container.database, lambda: Keyring({"k9": NEWER}))
    assert await alone.get(made.id, owner=owner, at=NOON) == Success(pending)


async def test_an_older_key_still_opens_and_is_replaced(django_world: World) -> None:
    made = await django_world.connection(await django_world.user())
    await django_world.vault.store(made.id, SECRET, owner=made.user_id)
    both = Keyring({"k9": NEWER, **container.keyring.keys})
    vault = DjangoCredentialVault(container.database, lambda: both)

    assert await vault.reveal(made.id, owner=made.user_id) == Success(SECRET)
    rotation = DjangoKeyRotation(container.database, lambda: both)
    assert await rotation.rewrap(owner=made.user_id) == Success(1)
    assert await rotation.rewrap(owner=made.user_id) == Success(0)

    alone = DjangoCredentialVault(container.database, lambda: Keyring({"k9": NEWER}))
    assert await alone.reveal(made.id, owner=made.user_id) == Success(SECRET)


@pytest.fixture
def three(committing_database: str) -> list[tuple[ConnectionId, UserId]]:
    """Three users with credentials, under the key in use."""
    return async_to_sync(_three)()


async def _three() -> list[Any]:
    made = []
    for name in ("ada", "bob", "eve"):
        registered = await container.use(RegisterUser)(
            email=f"{name}@example.org", password="correct horse battery"
        )
        assert isinstance(registered, Success)
        user_id = registered.value.id
        async with container.ports.unit_of_work(owner=user_id) as uow:
            tie = make_connection(user_id)
            await container.ports.connections.add(tie)
            await container.ports.vault.store(tie.id, SECRET, owner=user_id)
            await uow.commit(tie.establish(**_as_dict(tie))[1])
        made.append((tie.id, user_id))
    await container.drain()
    return made


def _as_dict(tie: Any) -> dict[str, Any]:
    names = ("id", "user_id", "provider", "institution")
    return {**{name: getattr(tie, name) for name in names}, "at": just_now()}


class TestRotateKeys:
    @pytest.fixture
    def newer(self, monkeypatch: pytest.MonkeyPatch) -> Keyring:
        keyring = Keyring({"k9": NEWER, **container.keyring.keys})
        monkeypatch.setitem(container.__dict__, "keyring", keyring)
        return keyring

    def keys(self) -> set[str]:
        return set(CredentialModel.objects.values_list("key_id", flat=True))

    def test_rewraps_every_users_credentials(
        self,
        three: list[tuple[ConnectionId, UserId]],
        newer: Keyring,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        call_command("rotate_keys")
        call_command("rotate_keys")

        output = capsys.readouterr().out
        assert "3 secrets and files of 3 users were re-encrypted" in output
        assert "0 secrets and files of 0 users" in output
        assert self.keys() == {"k9"}
        query = "SELECT count(*) FROM audit_entry WHERE action = 'credentials.rewrapped'"
        assert value(query) == 3

    def test_resumes_after_an_interruption(
        self, three: list[tuple[ConnectionId, UserId]], newer: Keyring
    ) -> None:
        done = async_to_sync(container.use(RotateKeys))(user_id=three[0][1])
        assert done == Success(1)
        assert len(self.keys()) == 2

        call_command("rotate_keys")

        assert self.keys() == {"k9"}

    def test_reports_whose_credentials_cannot_be_opened(
        self, three: list[tuple[ConnectionId, UserId]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keyring = Keyring({"k9": NEWER})
        monkeypatch.setitem(container.__dict__, "keyring", keyring)

        with pytest.raises(CommandError, match="cannot be decrypted: its key is not available"):
            call_command("rotate_keys")
