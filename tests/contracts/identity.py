"""What every implementation of identity's ports must do."""

from dataclasses import replace
from datetime import timedelta

from domain.identity.errors import EmailTaken, SessionNotFound, UserNotFound
from domain.identity.ports import Mailer, PasswordHasher, TokenIssuer
from domain.identity.values import Email, Password, Token, TokenKind
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, make_session, make_user


class UserRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        ada = make_user()
        assert await world.users.add(ada) == Success(None)

        assert await world.users.get(ada.id) == Success(ada)
        assert await world.users.get_by_email(ada.email) == Success(ada)

    async def test_says_when_nobody_is_found(self, world: World) -> None:
        nobody = make_user()

        assert await world.users.get(nobody.id) == Failure(UserNotFound("No such user."))
        found = await world.users.get_by_email(nobody.email)
        assert found == Failure(UserNotFound("No such user."))

    async def test_keeps_addresses_unique(self, world: World) -> None:
        await world.user("ada@example.org")

        again = await world.users.add(make_user("ada@example.org"))

        assert again == Failure(EmailTaken("This address is already registered."))

    async def test_compares_addresses_exactly(self, world: World) -> None:
        await world.user("ada@example.org")

        for pattern in ("a%@example.org", "a__@example.org", "%", "ada@example.or_"):
            found = await world.users.get_by_email(Email(pattern))
            assert found == Failure(UserNotFound("No such user."))


class SessionRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        session = make_session((await world.user()).id)
        assert await world.sessions.add(session) == Success(None)

        assert await world.sessions.get(session.id, owner=session.user_id) == Success(session)
        assert await world.sessions.get_by_token(session.token_digest) == Success(session)

    async def test_keeps_what_was_changed(self, world: World) -> None:
        session = make_session((await world.user()).id)
        await world.sessions.add(session)
        ended = replace(session, ended_at=NOON + timedelta(minutes=5))

        assert await world.sessions.update(ended) == Success(None)

        assert await world.sessions.get_by_token(session.token_digest) == Success(ended)

    async def test_gives_a_session_to_its_owner_alone(self, world: World) -> None:
        session = make_session((await world.user()).id)
        await world.sessions.add(session)
        stranger = await world.user("eve@example.org")

        found = await world.sessions.get(session.id, owner=stranger.id)

        assert found == Failure(SessionNotFound("No such session."))

    async def test_says_when_there_is_none(self, world: World) -> None:
        session = make_session((await world.user()).id)
        missing = Failure(SessionNotFound("No such session."))

        assert await world.sessions.get(session.id, owner=session.user_id) == missing
        assert await world.sessions.get_by_token(session.token_digest) == missing
        assert await world.sessions.update(session) == missing


class PasswordHasherContract:
    async def test_knows_the_password_again(self, hasher: PasswordHasher) -> None:
        password = Password("correct horse battery")
        password_hash = await hasher.hash(password)

        assert await hasher.verify(password, password_hash)
        assert not await hasher.verify(Password("incorrect horse battery"), password_hash)

    async def test_does_not_keep_the_password(self, hasher: PasswordHasher) -> None:
        assert "correct horse" not in await hasher.hash(Password("correct horse battery"))

    async def test_says_no_without_a_hash(self, hasher: PasswordHasher) -> None:
        assert not await hasher.verify(Password("correct horse battery"), None)


class TokenIssuerContract:
    def test_never_issues_the_same_twice(self, tokens: TokenIssuer) -> None:
        issued = [tokens.issue() for _ in range(100)]

        assert len({token.digest for token in issued}) == 100

    def test_issues_what_can_be_read(self, tokens: TokenIssuer) -> None:
        for kind in TokenKind:
            token = tokens.issue(kind)

            assert Token.parse(token.text, kind) == Success(token)
            assert token.kind is kind


class MailerContract:
    async def test_takes_a_letter(self, mailer: Mailer) -> None:
        email, token = Email("ada@example.org"), Token.of(bytes(32), TokenKind.MAIL)

        assert await mailer.ask_for_proof(email, token) == Success(None)
        told = await mailer.tell_of_deletion(email, token, erase_after=NOON)
        assert told == Success(None)
        assert await mailer.tell_of_keeping(email) == Success(None)
