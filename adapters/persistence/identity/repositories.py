"""Identity kept in PostgreSQL."""

from typing import Any, Never

from adapters.persistence.database import Database, in_database
from adapters.persistence.identity.models import SessionModel, UserModel
from adapters.persistence.insert import insert_unless_taken
from domain.identity.entities import Session, User
from domain.identity.errors import EmailTaken, SessionNotFound, UserNotFound
from domain.identity.values import Email, PasswordHash, TokenDigest
from domain.shared.ids import SessionId, UserId
from domain.shared.result import Failure, Result, Success


class DjangoUserRepository:
    """`UserRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(self, user_id: UserId) -> Result[User, UserNotFound]:
        return _found_user(UserModel.objects.filter(id=user_id).first())

    @in_database
    def get_by_email(self, email: Email) -> Result[User, UserNotFound]:
        # The function is what shows a row to somebody who is not known yet: see `show_for_proof`.
        rows = UserModel.objects.raw("SELECT * FROM identity_user_by_email(%s)", [email.address])
        return _found_user(next(iter(rows), None))

    @in_database
    def add(self, user: User) -> Result[None, EmailTaken]:
        row = UserModel(**_user_columns(user))
        if insert_unless_taken(row, "identity_user_email_unique"):
            return Success(None)
        return Failure(EmailTaken("This address is already registered."))


class DjangoSessionRepository:
    """`SessionRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(self, session_id: SessionId, *, owner: UserId) -> Result[Session, SessionNotFound]:
        return _found_session(SessionModel.objects.filter(id=session_id, user_id=owner).first())

    @in_database
    def get_by_token(self, digest: TokenDigest) -> Result[Session, SessionNotFound]:
        rows = SessionModel.objects.raw("SELECT * FROM identity_session_by_token(%s)", [digest])
        return _found_session(next(iter(rows), None))

    @in_database
    def add(self, session: Session) -> Result[None, Never]:
        SessionModel.objects.create(**_session_columns(session))
        return Success(None)

    @in_database
    def update(self, session: Session) -> Result[None, SessionNotFound]:
        rows = SessionModel.objects.filter(id=session.id, user_id=session.user_id)
        if not rows.update(ended_at=session.ended_at):
            return Failure(SessionNotFound("No such session."))
        return Success(None)


def _found_user(row: UserModel | None) -> Result[User, UserNotFound]:
    return Success(_user(row)) if row else Failure(UserNotFound("No such user."))


def _user(row: UserModel) -> User:
    return User(
        id=UserId(row.id),
        email=Email(row.email),
        password_hash=PasswordHash(row.password_hash),
        registered_at=row.registered_at,
    )


def _user_columns(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email.address,
        "password_hash": user.password_hash,
        "registered_at": user.registered_at,
    }


def _found_session(row: SessionModel | None) -> Result[Session, SessionNotFound]:
    return Success(_session(row)) if row else Failure(SessionNotFound("No such session."))


def _session(row: SessionModel) -> Session:
    return Session(
        id=SessionId(row.id),
        user_id=UserId(row.user_id),
        token_digest=TokenDigest(bytes(row.token_digest)),
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )


def _session_columns(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "user_id": session.user_id,
        "token_digest": session.token_digest,
        "opened_at": session.opened_at,
        "expires_at": session.expires_at,
        "ended_at": session.ended_at,
    }
