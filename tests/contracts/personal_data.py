"""What must hold of all data of a user, wherever it is stored."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from uuid import UUID

import pytest

from domain.identity.entities import User
from domain.identity.personal_data import (
    Part,
    PersonalData,
    PersonalDataRepository,
    PersonalDataWriter,
)
from domain.shared.ids import UserId
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import make_mailed_token, make_refresh_token, make_session

DAY = timedelta(days=1)
MARCH = sha256(b"march").digest()


@dataclass(frozen=True)
class Everybody:
    """All personal data, and what time it is there."""

    repository: PersonalDataRepository
    now: datetime


async def closed(world: World, everybody: Everybody, *, ago: timedelta) -> User:
    """Return a user whose days of grace ended so long ago."""
    user = replace(await world.user(), erase_after=everybody.now - ago)
    assert await world.users.update(user) == Success(None)
    return user


class PersonalDataContract:
    async def test_lists_users_whose_grace_period_is_over(
        self, world: World, everybody: Everybody
    ) -> None:
        ada = await closed(world, everybody, ago=DAY)

        assert await everybody.repository.lock_due(ada.id) == Success(True)

    @pytest.mark.parametrize("ago", [None, -DAY])
    async def test_lists_nobody_else(
        self, world: World, everybody: Everybody, ago: timedelta | None
    ) -> None:
        ada = await closed(world, everybody, ago=ago) if ago else await world.user()

        assert await everybody.repository.lock_due(ada.id) == Success(False)
        nobody = UserId(UUID(int=7))
        assert await everybody.repository.lock_due(nobody) == Success(False)

    async def test_erases_only_one_user(self, world: World, everybody: Everybody) -> None:
        ada = await closed(world, everybody, ago=DAY)
        eve = await world.account("eve@example.org")
        session = make_session(eve.user_id)
        await world.sessions.add(session)
        for number in (1, 2):
            await world.sessions.add(make_session(ada.id, bytes([number]) * 32))

        erased = await everybody.repository.erase(ada.id)

        assert isinstance(erased, Success)
        assert sorted(erased.value.values()) == [1, 2]
        assert isinstance(await world.users.get(ada.id), Failure)
        assert isinstance(await world.users.get(eve.user_id), Success)
        assert await world.sessions.get(session.id, owner=eve.user_id) == Success(session)
        assert await world.accounts.get(eve.id, owner=eve.user_id) == Success(eve)

    async def test_reads_all_data_of_a_user(self, world: World, everybody: Everybody) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        await world.files.store(b"march", digest=MARCH, owner=ada.id)
        await world.files.store(b"april", digest=sha256(b"april").digest(), owner=eve.id)

        read = await everybody.repository.read(_all_of, owner=ada.id)

        assert isinstance(read, Success)
        rows, files = read.value
        assert str(ada.id) in rows
        assert str(eve.id) not in rows
        assert files == [(MARCH, b"march")]

    async def test_purges_expired_rows(self, world: World, everybody: Everybody) -> None:
        ada, now = await world.user(), everybody.now
        times = {
            "over": {"ended_at": now - 31 * DAY, "expires_at": now + DAY},
            "expired": {"expires_at": now - 31 * DAY},
            "ended": {"ended_at": now - 29 * DAY, "expires_at": now + DAY},
            "open": {"expires_at": now + DAY},
        }
        sessions = {}
        for number, (name, changes) in enumerate(times.items()):
            secret = bytes([number]) * 32
            sessions[name] = make_session(ada.id, secret, **changes)
            await world.sessions.add(sessions[name])
            expires_at = now - timedelta(hours=1)
            token = make_refresh_token(sessions[name], secret, expires_at=expires_at)
            await world.refresh_tokens.add(token)
        await world.mailed_tokens.add(
            make_mailed_token(
                ada.id,
                b"1" * 32,
                issued_at=now - timedelta(hours=2),
                expires_at=now - timedelta(hours=1),
            )
        )
        counted = make_mailed_token(ada.id, b"3" * 32, issued_at=now, expires_at=now - DAY)
        await world.mailed_tokens.add(counted)
        good = make_mailed_token(ada.id, b"2" * 32, expires_at=now + timedelta(hours=1))
        await world.mailed_tokens.add(good)

        swept = await everybody.repository.purge(ada.id)

        assert isinstance(swept, Success)
        assert sorted(swept.value.values()) == [1, 2, 2]
        for name, session in sessions.items():
            found = await world.sessions.get(session.id, owner=ada.id)
            assert isinstance(found, Success) == (name in {"ended", "open"}), name
        assert await world.mailed_tokens.get_by_token(good.digest) == Success(good)
        # Emails of the last hour count, whatever happened to their tokens.
        assert isinstance(await world.mailed_tokens.get_by_token(counted.digest), Success)
        assert await everybody.repository.purge(ada.id) == Success({})


def _all_of(personal_data: PersonalData) -> tuple[str, list[tuple[bytes, bytes]]]:
    rows = [str(row) for part in personal_data.parts for row in part.rows]
    return "\n".join(rows), list(personal_data.files)


class PersonalDataWriterContract:
    AT = datetime(2026, 3, 14, 12, 0, 1, tzinfo=UTC)

    def test_writes_and_counts_everything(self, writer: PersonalDataWriter) -> None:
        parts = [Part("cups", [{"name": "blue"}, {"name": "red"}]), Part("plates", [])]
        file = BytesIO()

        counts = writer.write(PersonalData(parts, [(b"7" * 32, b"march")]), file, self.AT)

        assert counts == {"cups": 2, "plates": 0, "files": 1}
        assert file.getvalue()

    def test_names_its_format(self, writer: PersonalDataWriter) -> None:
        assert writer.suffix.startswith(".")
        assert "/" in writer.media_type
