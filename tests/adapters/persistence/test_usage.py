"""Entering with a token: by an index, noted once a minute, each use its owner's alone."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from adapters.persistence.identity.models import SessionModel, UsageModel
from adapters.persistence.roles import Role
from dashtam.container import container
from domain.audit.origin import Origin, origin
from domain.identity.values import TokenDigest
from domain.shared.ids import new_id
from tests.adapters.persistence.roles import acting_as, outcome, rows, value
from tests.contracts.world import World
from tests.factories import make_api_token, make_session

APPLICATION = Role.APPLICATION
FIRST, SECOND = "192.0.2.7", "198.51.100.1"


async def authenticated(digest: TokenDigest, address: str) -> None:
    """Enter from a network address with a token: of a session or of a program."""
    before = origin.set(Origin(ip_address=address))
    for repository in (container.ports.sessions, container.ports.api_tokens):
        await repository.get_by_token(digest)
    origin.reset(before)


async def used() -> tuple[datetime, str | None]:
    row = await UsageModel.objects.aget()
    return row.used_at, row.ip_address


async def move_back(seconds: int) -> None:
    await container.database.run(
        value,
        "UPDATE identity_usage SET used_at = used_at - make_interval(secs => %s) RETURNING id",
        seconds,
    )


async def a_token(world: World, kind: str) -> TokenDigest:
    ada = await world.user()
    if kind == "session":
        session = make_session(ada.id)
        await world.sessions.add(session)
        return session.token_digest
    token = make_api_token(ada.id)
    await world.api_tokens.add(token)
    return token.token_digest


@pytest.mark.parametrize("kind", ["session", "program"])
class TestRecordingUse:
    async def test_happens_at_the_first_use(self, django_world: World, kind: str) -> None:
        digest = await a_token(django_world, kind)

        await authenticated(digest, FIRST)

        _, address = await used()
        assert address == FIRST

    async def test_happens_once_a_minute(self, django_world: World, kind: str) -> None:
        digest = await a_token(django_world, kind)
        await authenticated(digest, FIRST)
        await move_back(30)
        first = await used()

        await authenticated(digest, SECOND)
        assert await used() == first

        await move_back(31)
        await authenticated(digest, SECOND)
        at, address = await used()
        assert at > first[0]
        assert address == SECOND

    async def test_writes_nothing_within_the_minute(self, django_world: World, kind: str) -> None:
        digest = await a_token(django_world, kind)
        await authenticated(digest, FIRST)
        version = await container.database.run(value, "SELECT ctid::text FROM identity_usage")

        await authenticated(digest, FIRST)

        second = await container.database.run(value, "SELECT ctid::text FROM identity_usage")
        assert second == version

    async def test_of_an_unknown_token_is_skipped(self, django_world: World, kind: str) -> None:
        await a_token(django_world, kind)

        await authenticated(TokenDigest(b"x" * 32), FIRST)

        assert not await UsageModel.objects.aexists()

    async def test_of_a_closed_account_is_skipped(self, django_world: World, kind: str) -> None:
        digest = await a_token(django_world, kind)
        await container.database.run(
            value, "UPDATE identity_user SET erase_after = now() RETURNING id"
        )

        await authenticated(digest, FIRST)

        assert not await UsageModel.objects.aexists()


class TestOwners:
    @pytest.fixture
    def two(self, database: None) -> tuple[UUID, UUID]:
        """Two users, each with a use of something; all by hand."""
        ada, eve = new_id(), new_id()
        for owner in (ada, eve):
            UsageModel.objects.create(id=owner, user_id=owner, used_at=datetime.now().astimezone())
        return ada, eve

    def test_see_only_their_own(self, two: tuple[UUID, UUID]) -> None:
        for owner in two:
            with acting_as(APPLICATION, owner):
                assert rows("SELECT user_id FROM identity_usage") == [(owner,)]
        with acting_as(APPLICATION):
            assert rows("SELECT * FROM identity_usage") == []
        with acting_as(Role.STAFF):
            assert len(rows("SELECT * FROM identity_usage")) == 2

    def test_write_only_their_own(self, two: tuple[UUID, UUID]) -> None:
        ada, eve = two
        insert = "INSERT INTO identity_usage (id, user_id, used_at) VALUES (uuidv7(), %s, now())"
        with acting_as(APPLICATION, ada):
            assert outcome(APPLICATION, insert, [ada]) == "done"
            assert outcome(APPLICATION, insert, [eve]) == "InsufficientPrivilege"
            changed = "UPDATE identity_usage SET used_at = now() WHERE id = %s RETURNING id"
            assert rows(changed, eve) == []
            assert rows("DELETE FROM identity_usage WHERE id = %s RETURNING id", eve) == []
            reassign = "UPDATE identity_usage SET user_id = %s"
            assert outcome(APPLICATION, reassign, [eve]) == "InsufficientPrivilege"

    def test_no_other_role_writes(self, two: tuple[UUID, UUID]) -> None:
        for role in (Role.STAFF, Role.AUDITOR):
            assert outcome(role, "DELETE FROM identity_usage") == "InsufficientPrivilege"


def plan_of(statement: str, *parameters: Any) -> str:
    return "\n".join(line for (line,) in rows(f"EXPLAIN {statement}", *parameters))


@pytest.mark.parametrize(
    ("table", "column", "index"),
    [
        ("identity_session", "token_digest", "identity_session_token_unique"),
        ("identity_api_token", "token_digest", "identity_api_token_token_unique"),
        ("identity_refresh_token", "digest", "identity_refresh_token_unique"),
    ],
)
def test_a_token_is_found_by_its_index(database: None, table: str, column: str, index: str) -> None:
    fill(2_000)

    with acting_as(APPLICATION):
        # As the function does it: the query sees only what it may.
        value("SELECT set_config('app.token', encode(%s, 'hex'), true)", b"7" * 32)
        plan = plan_of(f"SELECT * FROM {table} WHERE {column} = %s", b"7" * 32)

    assert index in plan
    assert "Seq Scan" not in plan


def test_recording_use_never_scans_a_table(database: None) -> None:
    fill(2_000)
    digest = bytes(SessionModel.objects.all()[1_000].token_digest)
    with acting_as(APPLICATION):
        before = scans()
        # The first plans of a function are made anew, and a later one is cached.
        for _ in range(10):
            assert len(rows("SELECT * FROM identity_enter_session(%s, NULL)", digest)) == 1

        assert scans() == before

    # It would have been seen.
    value("SELECT count(user_agent) FROM identity_session")
    assert scans() != before


def scans() -> list[tuple[Any, ...]]:
    """Return how often tables were read from end to end in this transaction."""
    return rows(
        "SELECT relname, pg_stat_get_xact_numscans(oid) FROM pg_class WHERE relname IN"
        " ('identity_session', 'identity_user', 'identity_usage') AND relkind = 'r' ORDER BY 1"
    )


def fill(count: int) -> None:
    """Insert sessions with tokens of each kind that were used, and one user for every ten."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO identity_user
                (id, email, password_hash, registered_at, verified_at, security_stamp)
            SELECT uuidv7(), n || '@example.org', 'x', now(), now(), 1
            FROM generate_series(1, %(count)s / 10) n;
            INSERT INTO identity_session (id, user_id, token_digest, token_expires_at,
                security_stamp, opened_at, authenticated_at, expires_at, user_agent)
            SELECT uuidv7(), u.id, sha256(convert_to(u.id || ' ' || n, 'UTF8')), now(), 1, now(),
                now(), now() + interval '1 day', ''
            FROM identity_user u, generate_series(1, 10) n;
            INSERT INTO identity_refresh_token (id, user_id, session_id, digest, issued_at,
                expires_at)
            SELECT uuidv7(), user_id, id, token_digest, now(), now() FROM identity_session;
            INSERT INTO identity_api_token (id, user_id, name, scopes, token_digest, issued_at,
                expires_at)
            SELECT uuidv7(), user_id, 'x', '{}', token_digest, now(), now() FROM identity_session;
            INSERT INTO identity_usage (id, user_id, used_at)
            SELECT id, user_id, now() - interval '1 hour' FROM identity_session
            """,
            {"count": count},
        )
        for table in ("user", "session", "refresh_token", "api_token", "usage"):
            cursor.execute(f"ANALYZE identity_{table}")
