"""Second factors in PostgreSQL: sealed, bound to their rows, and put under new keys."""

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from adapters.persistence.identity.models import RecoveryCodeModel, SecondFactorModel
from adapters.persistence.identity.second_factors import SealedSecondFactorRepository
from adapters.persistence.sealing import DjangoKeyRotation
from adapters.security.envelope import Keyring, Unopenable
from dashtam.application.identity.log_in import ReauthenticateSession
from dashtam.container import container
from domain.identity.values import RecoveryCode, TotpSecret
from domain.shared.ids import UserId
from domain.shared.result import Success
from tests.adapters.persistence.logged_in import LoggedIn, confirmed
from tests.adapters.persistence.roles import rows, value
from tests.contracts.world import World
from tests.factories import make_second_factor

SECRET = TotpSecret(b"twenty bytes of words")
CODE = RecoveryCode.of(b"fifteen letters")
NEWER = b"n" * 32


def under(keys: dict[str, bytes]) -> SealedSecondFactorRepository:
    return SealedSecondFactorRepository(container.database, lambda: Keyring(keys))


@pytest.fixture
def stored(django_world: World) -> SecondFactorModel:
    async_to_sync(_insert)(django_world)
    return SecondFactorModel.objects.get()


async def _insert(world: World, email: str = "ada@example.org") -> None:
    factor = make_second_factor((await world.user(email)).id, secret=SECRET)
    await world.second_factors.upsert(factor)
    await world.second_factors.replace_codes(factor.user_id, [CODE])


def test_nothing_readable_is_stored(stored: SecondFactorModel) -> None:
    written = str(rows("SELECT row_to_json(f)::text FROM identity_second_factor f"))
    codes = str(rows("SELECT row_to_json(c)::text FROM identity_recovery_code c"))

    assert SECRET.key not in bytes(stored.sealed)
    assert SECRET.key.hex() not in written
    assert CODE.text not in codes
    assert CODE.text.encode().hex() not in codes
    assert bytes(RecoveryCodeModel.objects.get().digest) == CODE.digest
    assert stored.key_id == container.keyring.primary


@pytest.mark.parametrize(
    "change",
    ["sealed = 'twenty bytes of words'", "sealed = ''", "key_id = 'another'"],
)
def test_the_database_refuses_an_unsealed_secret(stored: SecondFactorModel, change: str) -> None:
    refused = pytest.raises(IntegrityError, match="identity_second_factor_sealed_form")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE identity_second_factor SET {change}")


async def test_a_secret_copied_to_another_row_cannot_be_opened(django_world: World) -> None:
    await _insert(django_world)
    stolen = await SecondFactorModel.objects.aget()
    await _insert(django_world, "eve@example.org")
    theirs = SecondFactorModel.objects.exclude(id=stolen.id)
    eve = UserId((await theirs.aget()).user_id)
    await theirs.aupdate(sealed=stolen.sealed)

    with pytest.raises(Unopenable):
        await django_world.second_factors.get(eve)


async def test_a_row_assigned_to_another_user_cannot_be_opened(django_world: World) -> None:
    await _insert(django_world)
    eve = await django_world.user("eve@example.org")
    await SecondFactorModel.objects.aupdate(user_id=eve.id)

    with pytest.raises(Unopenable):
        await django_world.second_factors.get(eve.id)


async def test_an_older_key_still_opens_and_is_replaced(django_world: World) -> None:
    factor = make_second_factor((await django_world.user()).id, secret=SECRET)
    await django_world.second_factors.upsert(factor)
    both = {"k9": NEWER, **container.keyring.keys}
    rotation = DjangoKeyRotation(container.database, lambda: Keyring(both))

    assert await under(both).get(factor.user_id) == Success(factor)
    assert await rotation.rewrap(owner=factor.user_id) == Success(1)
    assert await rotation.rewrap(owner=factor.user_id) == Success(0)

    assert await under({"k9": NEWER}).get(factor.user_id) == Success(factor)


async def test_only_the_users_own_secrets_are_rewrapped(django_world: World) -> None:
    await _insert(django_world)
    eve = await django_world.user("eve@example.org")

    both = Keyring({"k9": NEWER, **container.keyring.keys})
    done = await DjangoKeyRotation(container.database, lambda: both).rewrap(owner=eve.id)

    assert done == Success(0)
    assert (await SecondFactorModel.objects.aget()).key_id == container.keyring.primary


class TestRotateKeys:
    @pytest.fixture
    def ada(self, committing_database: str) -> LoggedIn:
        return async_to_sync(confirmed)()

    def rotating(self, monkeypatch: pytest.MonkeyPatch, keys: dict[str, bytes]) -> None:
        """Give the container these keys, and rebuild what uses them."""
        monkeypatch.setitem(container.__dict__, "keyring", Keyring(keys))

    def test_finds_users_with_only_a_second_factor(
        self, ada: LoggedIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.rotating(monkeypatch, {"k9": NEWER, **container.keyring.keys})

        call_command("rotate_keys")
        call_command("rotate_keys")

        output = capsys.readouterr().out
        assert "1 secrets and files of 1 users were re-encrypted" in output
        assert "0 secrets and files of 0 users" in output
        assert SecondFactorModel.objects.get().key_id == "k9"
        query = "SELECT details ->> 'count' FROM audit_entry WHERE action = %s"
        assert value(query, "credentials.rewrapped") == "1"

    def test_leaves_codes_valid(self, ada: LoggedIn, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rotating(monkeypatch, {"k9": NEWER, **container.keyring.keys})
        call_command("rotate_keys")

        monkeypatch.setitem(container.__dict__, "keyring", Keyring({"k9": NEWER}))
        done = async_to_sync(_step_up)(ada)

        assert done == Success(None)

    def test_reports_whose_secrets_cannot_be_opened(
        self, ada: LoggedIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.rotating(monkeypatch, {"k9": NEWER})

        with pytest.raises(CommandError, match="cannot be decrypted: its key is not available"):
            call_command("rotate_keys")


async def _step_up(ada: LoggedIn) -> object:
    session = ada.opened.session
    return await container.use(ReauthenticateSession)(
        session_id=session.id,
        user_id=ada.id,
        password="correct horse battery",
        code=ada.code(),
    )
