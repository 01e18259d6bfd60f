"""Users in PostgreSQL."""

from typing import Any

from django.db import IntegrityError

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.failures import violated
from adapters.persistence.identity.models import UserModel
from adapters.persistence.insert import insert_unless_taken
from domain.identity.entities import User
from domain.identity.errors import EmailTaken, UserNotFound
from domain.identity.values import Email, PasswordHash
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success

_UNIQUE = "identity_user_email_unique"
_NO_USER = Failure(UserNotFound("No such user."))
_TAKEN = Failure(EmailTaken("This email address is already registered."))


class DjangoUserRepository(UsesDatabase):
    """`UserRepository` on the Django ORM."""

    @in_database
    def get(self, user_id: UserId) -> Result[User, UserNotFound]:
        return _found(UserModel.objects.filter(id=user_id).first())

    @in_database
    def lock(self, user_id: UserId) -> Result[User, UserNotFound]:
        return _found(UserModel.objects.select_for_update().filter(id=user_id).first())

    @in_database
    def get_by_email(self, email: Email) -> Result[User, UserNotFound]:
        # No user is known yet: only the function may show the row (see `show_by_value`).
        rows = UserModel.objects.raw("SELECT * FROM identity_user_by_email(%s)", [email.address])
        return _found(next(iter(rows), None))

    @in_database
    def add(self, user: User) -> Result[None, EmailTaken]:
        added = insert_unless_taken(UserModel(id=user.id, **_columns(user)), _UNIQUE)
        return Success(None) if added else _TAKEN

    @in_database
    def update(self, user: User) -> Result[None, UserNotFound | EmailTaken]:
        columns = _columns(user)
        del columns["registered_at"]
        try:
            changed = UserModel.objects.filter(id=user.id).update(**columns)
        except IntegrityError as error:
            if violated(error) == _UNIQUE:
                return _TAKEN
            raise
        return Success(None) if changed else _NO_USER


def _found(row: UserModel | None) -> Result[User, UserNotFound]:
    return Success(_user(row)) if row else _NO_USER


def _user(row: UserModel) -> User:
    return User(
        id=UserId(row.id),
        email=Email(row.email),
        password_hash=PasswordHash(row.password_hash),
        registered_at=row.registered_at,
        verified_at=row.verified_at,
        security_stamp=row.security_stamp,
        erase_after=row.erase_after,
        wanted_email=Email(row.wanted_email) if row.wanted_email else None,
        former_email=Email(row.former_email) if row.former_email else None,
    )


def _columns(user: User) -> dict[str, Any]:
    return {
        "email": user.email.address,
        "password_hash": user.password_hash,
        "registered_at": user.registered_at,
        "verified_at": user.verified_at,
        "security_stamp": user.security_stamp,
        "erase_after": user.erase_after,
        "wanted_email": user.wanted_email and user.wanted_email.address,
        "former_email": user.former_email and user.former_email.address,
    }
