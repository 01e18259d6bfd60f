"""What every implementation of the ports about sessions and tokens must do."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from domain.audit.origin import Origin, origin
from domain.identity.entities import ApiToken, Session, User
from domain.identity.errors import ApiTokenNotFound, InvalidToken, SessionNotFound
from domain.identity.values import Scope, TokenDigest, Usage
from domain.shared.ids import SessionId, UserId, new_id
from domain.shared.limits import Charge, Limit, TooManyRequests
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, make_api_token, make_refresh_token, make_session

NO_SESSION = Failure(SessionNotFound("No such session."))
NO_TOKEN = Failure(ApiTokenNotFound("No such API token."))
LATER = NOON + timedelta(minutes=5)
HERE = Origin(ip_address="192.0.2.7")


def secret(number: int) -> bytes:
    return sha256(bytes([number])).digest()


async def sessions_of(world: World, user: User, count: int) -> list[Session]:
    made = [make_session(user.id, secret(n)) for n in range(count)]
    for session in made:
        assert await world.sessions.add(session) == Success(None)
    return made


async def listed(world: World, user: User) -> list[Session]:
    found = await world.sessions.of_user(user.id, NOON)
    assert isinstance(found, Success)
    return [session for session, _ in found.value]


async def tokens_listed(world: World, user: User) -> list[ApiToken]:
    found = await world.api_tokens.of_user(user.id, NOON)
    assert isinstance(found, Success)
    return [token for token, _ in found.value]


class SessionsOfUserContract:
    async def test_lists_active_sessions_latest_first(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        first, second, third, ended = await sessions_of(world, ada, 4)
        await world.sessions.add(make_session(eve.id, secret(9)))
        await world.sessions.update(replace(ended, ended_at=NOON))
        over = make_session(ada.id, secret(8), expires_at=NOON)
        await world.sessions.add(over)

        assert await listed(world, ada) == [third, second, first]

    async def test_lists_none_with_another_stamp(self, world: World) -> None:
        ada = await world.user()
        old = make_session(ada.id, secret(1))
        new = make_session(ada.id, secret(2), security_stamp=2)
        for session in (old, new):
            await world.sessions.add(session)
        assert await listed(world, ada) == [old]

        await world.users.update(replace(ada, security_stamp=2))

        assert await listed(world, ada) == [new]
        assert await world.sessions.get_by_token(old.token_digest) == NO_SESSION
        assert await world.sessions.get_by_token(new.token_digest) == Success(new)

    async def test_lists_none_of_a_closed_account(self, world: World) -> None:
        ada = await world.user()
        (session,) = await sessions_of(world, ada, 1)

        await world.users.update(replace(ada, erase_after=LATER))

        assert await listed(world, ada) == []
        assert await world.sessions.get_by_token(session.token_digest) == NO_SESSION

    async def test_ends_all_active_sessions(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        first, second, ended = await sessions_of(world, ada, 3)
        await world.sessions.update(replace(ended, ended_at=NOON))
        other = make_session(eve.id, secret(9))
        await world.sessions.add(other)

        assert await world.sessions.end_all(ada.id, LATER) == Success(2)

        assert await listed(world, ada) == []
        for session, at in ((first, LATER), (second, LATER), (ended, NOON)):
            found = await world.sessions.get(session.id, owner=ada.id)
            assert found == Success(replace(session, ended_at=at))
        assert await listed(world, eve) == [other]
        assert await world.sessions.end_all(ada.id, LATER) == Success(0)

    async def test_ends_all_but_one(self, world: World) -> None:
        ada = await world.user()
        current, other = await sessions_of(world, ada, 2)

        assert await world.sessions.end_all(ada.id, LATER, except_for=current.id) == Success(1)

        assert await listed(world, ada) == [current]
        assert await world.sessions.get(other.id, owner=ada.id) == Success(
            replace(other, ended_at=LATER)
        )

    async def test_an_ended_session_is_not_changed(self, world: World) -> None:
        """A renewal with a stale read does not revive it."""
        ada = await world.user()
        (session,) = await sessions_of(world, ada, 1)
        ended = replace(session, ended_at=NOON)
        await world.sessions.update(ended)

        assert await world.sessions.update(replace(session, authenticated_at=LATER)) == NO_SESSION

        assert await world.sessions.get(session.id, owner=ada.id) == Success(ended)

    async def test_locks_a_session_only_for_its_owner(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        (session,) = await sessions_of(world, ada, 1)

        assert await world.sessions.lock(session.id, owner=ada.id) == Success(session)
        assert await world.sessions.lock(session.id, owner=eve.id) == NO_SESSION
        assert await world.sessions.lock(SessionId(new_id()), owner=ada.id) == NO_SESSION

    async def test_updates_a_session_only_for_its_owner(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        (session,) = await sessions_of(world, ada, 1)
        stolen = replace(session, user_id=eve.id, ended_at=NOON)

        assert await world.sessions.update(stolen) == NO_SESSION
        assert await world.sessions.get(session.id, owner=ada.id) == Success(session)

    async def test_reports_where_it_was_used(self, world: World) -> None:
        ada = await world.user()
        (session,) = await sessions_of(world, ada, 1)
        assert await world.sessions.of_user(ada.id, NOON) == Success([(session, Usage())])

        before = origin.set(HERE)
        await world.sessions.get_by_token(session.token_digest)
        origin.reset(before)

        found = await world.sessions.of_user(ada.id, NOON)
        assert isinstance(found, Success)
        ((_, usage),) = found.value
        assert usage.at is not None
        assert usage.ip_address == HERE.ip_address


ONE = Limit(burst=1, per_minute=0.01)


def charge_of(*names: str, at: datetime = NOON) -> Charge:
    return Charge([(name, ONE) for name in names], at)


class ChargeContract:
    async def test_a_session_takes_a_token_of_each_bucket_of_its_user(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        (session,) = await sessions_of(world, ada, 1)
        hers = make_session(eve.id, secret(9))
        await world.sessions.add(hers)

        first = await world.sessions.get_by_token(session.token_digest, charge_of("x", "all"))
        second = await world.sessions.get_by_token(session.token_digest, charge_of("y", "all"))

        assert first == Success(session)
        assert isinstance(second, Failure)
        assert isinstance(second.error, TooManyRequests)
        assert 5900 < second.error.retry_after <= 6000
        for name in ("x", "all"):
            taken = await world.rate_limiter.consume(f"{name} {ada.id}", ONE)
            assert isinstance(taken, Failure), name
        charge = charge_of("x", "all")
        assert await world.sessions.get_by_token(hers.token_digest, charge) == Success(hers)

    async def test_a_session_that_is_over_takes_nothing(self, world: World) -> None:
        ada = await world.user()
        live, ended = await sessions_of(world, ada, 2)
        await world.sessions.update(replace(ended, ended_at=NOON))

        await world.sessions.get_by_token(ended.token_digest, charge_of("x"))
        for late in (live.token_expires_at, live.expires_at):
            await world.sessions.get_by_token(live.token_digest, charge_of("x", at=late))

        left = await world.sessions.get_by_token(live.token_digest, charge_of("x"))
        assert left == Success(live)

    async def test_an_api_token_takes_a_token_while_it_is_valid(self, world: World) -> None:
        ada = await world.user()
        token = make_api_token(ada.id, secret(1))
        revoked = make_api_token(ada.id, secret(2), revoked_at=NOON)
        for each in (token, revoked):
            await world.api_tokens.add(each)

        await world.api_tokens.get_by_token(revoked.token_digest, charge_of("x"))
        late = charge_of("x", at=token.expires_at)
        await world.api_tokens.get_by_token(token.token_digest, late)

        first = await world.api_tokens.get_by_token(token.token_digest, charge_of("x"))
        assert first == Success(token)
        second = await world.api_tokens.get_by_token(token.token_digest, charge_of("x"))
        assert isinstance(second, Failure)
        assert isinstance(second.error, TooManyRequests)


class RefreshTokenRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        (session,) = await sessions_of(world, await world.user(), 1)
        token = make_refresh_token(session, secret(1))

        assert await world.refresh_tokens.add(token) == Success(None)

        assert await world.refresh_tokens.get_by_token(token.digest) == Success(token)

    async def test_reports_a_missing_token(self, world: World) -> None:
        missing = Failure(InvalidToken("The token is not valid."))

        found = await world.refresh_tokens.get_by_token(TokenDigest(secret(1)))

        assert found == missing

    async def test_consumes_a_token_once(self, world: World) -> None:
        (session,) = await sessions_of(world, await world.user(), 1)
        token = make_refresh_token(session, secret(1))
        other = make_refresh_token(session, secret(2))
        for each in (token, other):
            await world.refresh_tokens.add(each)

        assert await world.refresh_tokens.consume(token, NOON) == Success(True)
        assert await world.refresh_tokens.consume(token, LATER) == Success(False)

        used = replace(token, used_at=NOON)
        assert await world.refresh_tokens.get_by_token(token.digest) == Success(used)
        assert await world.refresh_tokens.get_by_token(other.digest) == Success(other)


class ApiTokenRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        token = make_api_token(ada.id, scopes=frozenset(Scope))

        assert await world.api_tokens.add(token) == Success(None)

        assert await world.api_tokens.get(token.id, owner=ada.id) == Success(token)
        assert await world.api_tokens.get_by_token(token.token_digest) == Success(token)
        assert await world.api_tokens.get(token.id, owner=eve.id) == NO_TOKEN

    async def test_reports_a_missing_token(self, world: World) -> None:
        token = make_api_token((await world.user()).id)

        assert await world.api_tokens.get(token.id, owner=token.user_id) == NO_TOKEN
        assert await world.api_tokens.get_by_token(token.token_digest) == NO_TOKEN
        assert await world.api_tokens.update(token) == NO_TOKEN

    async def test_lists_valid_tokens_latest_first(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        first, second = make_api_token(ada.id, secret(1)), make_api_token(ada.id, secret(2))
        others = [
            make_api_token(ada.id, secret(3), expires_at=NOON),
            make_api_token(ada.id, secret(4), revoked_at=NOON),
            make_api_token(eve.id, secret(5)),
        ]
        for token in (first, second, *others):
            await world.api_tokens.add(token)

        assert await tokens_listed(world, ada) == [second, first]

    async def test_revokes_a_token_once(self, world: World) -> None:
        ada = await world.user()
        token = make_api_token(ada.id)
        await world.api_tokens.add(token)
        revoked = replace(token, revoked_at=NOON)

        assert await world.api_tokens.update(revoked) == Success(None)
        assert await world.api_tokens.update(replace(token, revoked_at=LATER)) == NO_TOKEN

        assert await world.api_tokens.get(token.id, owner=ada.id) == Success(revoked)
        assert await world.api_tokens.get_by_token(token.token_digest) == Success(revoked)

    async def test_revokes_a_token_only_for_its_owner(self, world: World) -> None:
        ada = await world.user()
        token = make_api_token(ada.id)
        await world.api_tokens.add(token)
        stolen = replace(token, user_id=UserId(new_id()), revoked_at=NOON)

        assert await world.api_tokens.update(stolen) == NO_TOKEN
        assert await tokens_listed(world, ada) == [token]

    async def test_revokes_all_valid_tokens(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        tokens = [make_api_token(ada.id, secret(n)) for n in range(2)]
        other = make_api_token(eve.id, secret(3))
        for token in (*tokens, other):
            await world.api_tokens.add(token)

        assert await world.api_tokens.revoke_all(ada.id, NOON) == Success(2)
        assert await world.api_tokens.revoke_all(ada.id, NOON) == Success(0)

        assert await tokens_listed(world, ada) == []
        assert await tokens_listed(world, eve) == [other]

    async def test_a_token_survives_a_new_stamp_but_not_closing_the_account(
        self, world: World
    ) -> None:
        ada = await world.user()
        token = make_api_token(ada.id)
        await world.api_tokens.add(token)

        await world.users.update(replace(ada, security_stamp=2))
        assert await world.api_tokens.get_by_token(token.token_digest) == Success(token)

        await world.users.update(replace(ada, security_stamp=2, erase_after=LATER))
        assert await world.api_tokens.get_by_token(token.token_digest) == NO_TOKEN

    async def test_reports_where_it_was_used(self, world: World) -> None:
        ada = await world.user()
        token = make_api_token(ada.id)
        await world.api_tokens.add(token)
        assert await world.api_tokens.of_user(ada.id, NOON) == Success([(token, Usage())])

        before = origin.set(HERE)
        await world.api_tokens.get_by_token(token.token_digest)
        origin.reset(before)

        found = await world.api_tokens.of_user(ada.id, NOON)
        assert isinstance(found, Success)
        ((_, usage),) = found.value
        assert usage.at is not None
        assert usage.ip_address == HERE.ip_address
