"""Users in PostgreSQL."""

from types import SimpleNamespace

from django.db import IntegrityError

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.failures import violated
from adapters.persistence.identity.models import UserModel
from adapters.persistence.insert import insert_unless_taken
from adapters.persistence.mapping import columns_of, entity_of, row_of
from domain.identity.entities import User
from domain.identity.errors import EmailTaken, UserNotFound
from domain.identity.values import Email
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success

_UNIQUE = "identity_user_email_unique"
_NO_USER = Failure(UserNotFound("No such user."))
_TAKEN = Failure(EmailTaken("This email address is already registered."))


class DjangoUserRepository(UsesDatabase):
    """`UserRepository` on the Django ORM."""

    @in_database
    def get(self, user_id: UserId) -> Result[User, UserNotFound]:
        return _found(row_of("SELECT * FROM identity_user WHERE id = %s", [user_id]))

    @in_database
    def lock(self, user_id: UserId) -> Result[User, UserNotFound]:
        return _found(UserModel.objects.select_for_update().filter(id=user_id).first())

    @in_database
    def get_by_email(self, email: Email) -> Result[User, UserNotFound]:
        # No user is known yet: only the function may show the row (see `show_by_value`).
        row = row_of("SELECT * FROM identity_user_by_email(%s)", [email.address])
        return _found(row)

    @in_database
    def add(self, user: User) -> Result[None, EmailTaken]:
        added = insert_unless_taken(UserModel(**columns_of(user)), _UNIQUE)
        return Success(None) if added else _TAKEN

    @in_database
    def update(self, user: User) -> Result[None, UserNotFound | EmailTaken]:
        columns = columns_of(user, except_for=("id", "registered_at"))
        try:
            changed = UserModel.objects.filter(id=user.id).update(**columns)
        except IntegrityError as error:
            if violated(error) == _UNIQUE:
                return _TAKEN
            raise
        return Success(None) if changed else _NO_USER


def _found(row: UserModel | SimpleNamespace | None) -> Result[User, UserNotFound]:
    return Success(entity_of(User, row)) if row else _NO_USER
