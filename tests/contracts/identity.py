"""What every implementation of identity's ports must do."""

from dataclasses import replace
from datetime import timedelta

from domain.identity.emails import EmailMessage, EmailTemplate
from domain.identity.errors import (
    EmailTaken,
    InvalidMailedToken,
    SessionNotFound,
    UserNotFound,
)
from domain.identity.ports import Mailer, PasswordHasher, TokenIssuer
from domain.identity.values import (
    Email,
    MailPurpose,
    Password,
    PasswordHash,
    Token,
    TokenKind,
)
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, make_mailed_token, make_session, make_user


class UserRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        ada = make_user()
        assert await world.users.add(ada) == Success(None)

        assert await world.users.get(ada.id) == Success(ada)
        assert await world.users.get_by_email(ada.email) == Success(ada)

    async def test_reports_a_missing_user(self, world: World) -> None:
        nobody = make_user()

        assert await world.users.get(nobody.id) == Failure(UserNotFound("No such user."))
        found = await world.users.get_by_email(nobody.email)
        assert found == Failure(UserNotFound("No such user."))

    async def test_email_addresses_are_unique(self, world: World) -> None:
        await world.user("ada@example.org")

        repeated = await world.users.add(make_user("ada@example.org"))

        assert repeated == Failure(EmailTaken("This email address is already registered."))

    async def test_compares_email_addresses_exactly(self, world: World) -> None:
        await world.user("ada@example.org")

        for pattern in ("a%@example.org", "a__@example.org", "%", "ada@example.or_"):
            found = await world.users.get_by_email(Email(pattern))
            assert found == Failure(UserNotFound("No such user."))

    async def test_stores_changes(self, world: World) -> None:
        ada = await world.user()
        changed = replace(
            ada,
            email=Email("ada@example.com"),
            password_hash=PasswordHash("argon2$y"),
            verified_at=None,
            security_stamp=7,
            erase_after=NOON,
            wanted_email=Email("wanted@example.org"),
            former_email=Email("former@example.org"),
        )

        assert await world.users.update(changed) == Success(None)

        assert await world.users.lock(ada.id) == Success(changed)
        assert await world.users.get_by_email(changed.email) == Success(changed)
        found = await world.users.get_by_email(ada.email)
        assert found == Failure(UserNotFound("No such user."))

    async def test_does_not_update_a_missing_user(self, world: World) -> None:
        nobody, missing = make_user(), Failure(UserNotFound("No such user."))

        assert await world.users.lock(nobody.id) == missing
        assert await world.users.update(nobody) == missing

    async def test_refuses_another_users_email_address(self, world: World) -> None:
        ada = await world.user()
        await world.user("eve@example.org")

        refused = await world.users.update(replace(ada, email=Email("eve@example.org")))

        # The transaction is aborted: nothing else can be queried in it.
        assert refused == Failure(EmailTaken("This email address is already registered."))


class SessionRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        session = make_session((await world.user()).id)
        assert await world.sessions.add(session) == Success(None)

        assert await world.sessions.get(session.id, owner=session.user_id) == Success(session)
        assert await world.sessions.lock(session.id, owner=session.user_id) == Success(session)
        assert await world.sessions.get_by_token(session.token_digest) == Success(session)

    async def test_stores_changes(self, world: World) -> None:
        session = make_session((await world.user()).id)
        await world.sessions.add(session)
        ended = replace(session, ended_at=NOON + timedelta(minutes=5))

        assert await world.sessions.update(ended) == Success(None)

        assert await world.sessions.get_by_token(session.token_digest) == Success(ended)

    async def test_finds_a_session_only_for_its_owner(self, world: World) -> None:
        session = make_session((await world.user()).id)
        await world.sessions.add(session)
        stranger = await world.user("eve@example.org")

        for look_up in (world.sessions.get, world.sessions.lock):
            found = await look_up(session.id, owner=stranger.id)
            assert found == Failure(SessionNotFound("No such session."))

    async def test_reports_a_missing_session(self, world: World) -> None:
        session = make_session((await world.user()).id)
        missing = Failure(SessionNotFound("No such session."))

        assert await world.sessions.get(session.id, owner=session.user_id) == missing
        assert await world.sessions.get_by_token(session.token_digest) == missing
        assert await world.sessions.update(session) == missing

    async def test_an_update_leaves_the_security_stamp_alone(self, world: World) -> None:
        session = make_session((await world.user()).id)
        await world.sessions.add(session)

        assert await world.sessions.update(replace(session, security_stamp=2)) == Success(None)

        found = await world.sessions.get(session.id, owner=session.user_id)
        assert found == Success(session)

    async def test_restamps_an_active_session(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        session, over = make_session(ada.id), make_session(ada.id, b"2" * 32, ended_at=NOON)
        for each in (session, over):
            await world.sessions.add(each)
        missing = Failure(SessionNotFound("No such session."))

        assert await world.sessions.restamp(session.id, 2, owner=ada.id) == Success(None)
        assert await world.sessions.restamp(over.id, 2, owner=ada.id) == missing
        assert await world.sessions.restamp(session.id, 3, owner=eve.id) == missing

        found = await world.sessions.get(session.id, owner=ada.id)
        assert found == Success(replace(session, security_stamp=2))
        assert await world.sessions.get_by_token(session.token_digest) == missing

    async def test_ends_all_but_one_session_of_a_user(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        mine, other, old, hers = (
            make_session(owner.id, bytes([n]) * 32)
            for n, owner in enumerate((ada, ada, ada, eve), start=1)
        )
        for each in (mine, other, replace(old, ended_at=NOON), hers):
            await world.sessions.add(each)
        later = NOON + timedelta(minutes=1)

        assert await world.sessions.end_all(ada.id, later, except_for=mine.id) == Success(1)

        for each, ended_at in ((mine, None), (other, later), (old, NOON), (hers, None)):
            found = await world.sessions.get(each.id, owner=each.user_id)
            assert found == Success(replace(each, ended_at=ended_at))
        assert await world.sessions.end_all(ada.id, later) == Success(1)
        assert await world.sessions.end_all(ada.id, later) == Success(0)

    async def test_ends_sessions_below_a_stamp(self, world: World) -> None:
        ada = await world.user()
        old, new = make_session(ada.id), make_session(ada.id, b"2" * 32, security_stamp=2)
        for each in (old, new):
            await world.sessions.add(each)

        assert await world.sessions.end_all(ada.id, NOON, below=2) == Success(1)

        assert await world.sessions.get(new.id, owner=ada.id) == Success(new)


class MailedTokenRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        token = make_mailed_token((await world.user()).id)

        assert await world.mailed_tokens.add(token) == Success(None)

        assert await world.mailed_tokens.get_by_token(token.digest) == Success(token)

    async def test_reports_a_missing_token(self, world: World) -> None:
        token = make_mailed_token((await world.user()).id)

        found = await world.mailed_tokens.get_by_token(token.digest)

        assert found == Failure(
            InvalidMailedToken("The token from the email is not valid or has expired.")
        )

    async def test_consumes_a_token_once(self, world: World) -> None:
        token = make_mailed_token((await world.user()).id)
        await world.mailed_tokens.add(token)
        later = NOON + timedelta(minutes=1)

        assert await world.mailed_tokens.consume(token, later) == Success(True)
        assert await world.mailed_tokens.consume(token, NOON + timedelta(hours=1)) == Success(False)

        found = await world.mailed_tokens.get_by_token(token.digest)
        assert found == Success(replace(token, used_at=later))

    async def test_a_later_token_replaces_those_of_its_user_and_purpose(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        later = NOON + timedelta(minutes=1)
        first = make_mailed_token(ada.id, b"1" * 32)
        other = make_mailed_token(ada.id, b"2" * 32, purpose=MailPurpose.RESET_PASSWORD)
        hers = make_mailed_token(eve.id, b"3" * 32)
        second = make_mailed_token(ada.id, b"4" * 32, issued_at=later)
        for each in (first, other, hers, second):
            await world.mailed_tokens.add(each)

        for each, used_at in ((first, later), (other, None), (hers, None), (second, None)):
            found = await world.mailed_tokens.get_by_token(each.digest)
            assert found == Success(replace(each, used_at=used_at))

    async def test_invalidates_all_of_a_purpose(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        mine, hers = make_mailed_token(ada.id, b"1" * 32), make_mailed_token(eve.id, b"2" * 32)
        for each in (mine, hers):
            await world.mailed_tokens.add(each)
        tokens, purpose = world.mailed_tokens, MailPurpose.VERIFY_EMAIL
        later = NOON + timedelta(minutes=1)

        assert await tokens.consume_all(ada.id, MailPurpose.RESET_PASSWORD, later) == Success(0)
        assert await tokens.consume_all(ada.id, purpose, later) == Success(1)
        assert await tokens.consume_all(ada.id, purpose, later) == Success(0)

        assert await tokens.get_by_token(hers.digest) == Success(hers)
        assert await tokens.get_by_token(mine.digest) == Success(replace(mine, used_at=later))

    async def test_counts_issued_tokens(self, world: World) -> None:
        ada, eve = await world.user(), await world.user("eve@example.org")
        purpose, tokens = MailPurpose.VERIFY_EMAIL, world.mailed_tokens
        for minute in range(3):
            at = NOON + timedelta(minutes=minute)
            await tokens.add(make_mailed_token(ada.id, bytes([minute]) * 32, issued_at=at))
        since = NOON + timedelta(minutes=1)

        assert await tokens.issued_since(ada.id, purpose, NOON) == Success(3)
        assert await tokens.issued_since(ada.id, purpose, since) == Success(2)
        assert await tokens.issued_since(ada.id, MailPurpose.NOTICE, NOON) == Success(0)
        assert await tokens.issued_since(eve.id, purpose, NOON) == Success(0)

    async def test_does_not_count_a_token_that_was_consumed_at_once(self, world: World) -> None:
        token = make_mailed_token((await world.user()).id)
        await world.mailed_tokens.add(token)
        await world.mailed_tokens.consume(token, token.issued_at)

        issued = await world.mailed_tokens.issued_since(token.user_id, token.purpose, NOON)

        assert issued == Success(0)


class PasswordHasherContract:
    async def test_verifies_the_password(self, hasher: PasswordHasher) -> None:
        password = Password("correct horse battery")
        password_hash = await hasher.hash(password)

        assert await hasher.verify(password, password_hash)
        assert not await hasher.verify(Password("incorrect horse battery"), password_hash)

    async def test_does_not_contain_the_password(self, hasher: PasswordHasher) -> None:
        assert "correct horse" not in await hasher.hash(Password("correct horse battery"))

    async def test_refuses_without_a_hash(self, hasher: PasswordHasher) -> None:
        assert not await hasher.verify(Password("correct horse battery"), None)


class TokenIssuerContract:
    def test_never_issues_a_token_twice(self, tokens: TokenIssuer) -> None:
        issued = [tokens.issue() for _ in range(100)]

        assert len({token.digest for token in issued}) == 100

    def test_issues_tokens_that_parse(self, tokens: TokenIssuer) -> None:
        for kind in TokenKind:
            token = tokens.issue(kind)

            assert Token.parse(token.text, kind) == Success(token)
            assert token.kind is kind


class MailerContract:
    async def test_sends_an_email(self, mailer: Mailer) -> None:
        email, token = Email("ada@example.org"), Token.of(bytes(32), TokenKind.MAIL)

        for kind in EmailTemplate:
            assert await mailer.send_email(email, EmailMessage(kind)) == Success(None)
            assert await mailer.send_email(email, EmailMessage(kind, token)) == Success(None)
