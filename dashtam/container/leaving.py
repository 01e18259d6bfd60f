"""Use cases about leaving, and about all that is a person's."""

from functools import cached_property

from adapters.exports.everything import EverythingWriter
from adapters.persistence.belongings import DjangoBelongingsRepository
from dashtam.application.identity.delete_account import DeleteAccount
from dashtam.application.identity.erase_user import EraseUser
from dashtam.application.identity.export_user import ExportUser
from dashtam.application.identity.keep_account import KeepAccount
from dashtam.application.identity.sweep_user import SweepUser
from dashtam.container.adapters import Adapters
from domain.identity.belongings import BelongingsRepository


class Leaving(Adapters):
    """Closing an account, taking that back, erasing, and handing everything out."""

    @cached_property
    def belongings(self) -> BelongingsRepository:
        return DjangoBelongingsRepository(self.database, lambda: self.keyring)

    @cached_property
    def delete_account(self) -> DeleteAccount:
        return DeleteAccount(
            users=self.users, sessions=self.sessions, api_tokens=self.api_tokens, **self.basics
        )

    @cached_property
    def keep_account(self) -> KeepAccount:
        return KeepAccount(users=self.users, mailed_tokens=self.mailed_tokens, **self.basics)

    @cached_property
    def erase_user(self) -> EraseUser:
        return EraseUser(belongings=self.belongings, **self.basics)

    @cached_property
    def sweep_user(self) -> SweepUser:
        return SweepUser(belongings=self.belongings, **self.basics)

    @cached_property
    def export_user(self) -> ExportUser:
        return ExportUser(belongings=self.belongings, writer=EverythingWriter(), **self.basics)
