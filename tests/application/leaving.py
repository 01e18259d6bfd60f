"""Use cases about leaving, with ports in memory."""

from dashtam.application.identity.delete_account import DeleteAccount
from dashtam.application.identity.erase_user import EraseUser
from dashtam.application.identity.export_user import ExportUser
from dashtam.application.identity.keep_account import KeepAccount
from dashtam.application.identity.sweep_user import SweepUser
from dashtam.container import Basics
from tests.contracts.world import World
from tests.fakes import FixedClock, Store
from tests.leaving_fakes import InMemoryBelongings, PlainBelongingsWriter


class Leaving:
    """What closes accounts, opens them again, erases them and hands everything out."""

    store: Store
    world: World
    clock: FixedClock

    @property
    def basics(self) -> Basics:
        raise NotImplementedError

    def _leave(self) -> None:
        world, basics = self.world, self.basics
        users = world.users
        self.belongings = InMemoryBelongings(self.store, self.clock)
        self.delete_account = DeleteAccount(
            users=users, sessions=world.sessions, api_tokens=world.api_tokens, **basics
        )
        self.keep_account = KeepAccount(users=users, mailed_tokens=world.mailed_tokens, **basics)
        self.erase_user = EraseUser(belongings=self.belongings, **basics)
        self.sweep_user = SweepUser(belongings=self.belongings, **basics)
        self.export_user = ExportUser(
            belongings=self.belongings, writer=PlainBelongingsWriter(), **basics
        )
