"""Use cases about leaving, with ports in memory."""

from dashtam.application.identity.delete_account import DeleteAccount
from dashtam.application.identity.erase_user import EraseUser
from dashtam.application.identity.export_user import ExportUser
from dashtam.application.identity.keep_account import KeepAccount
from dashtam.application.identity.sweep_user import SweepUser
from dashtam.application.identity.tell_of_deletion import TellOfDeletion
from dashtam.application.identity.tell_of_keeping import TellOfKeeping
from dashtam.container import Basics
from tests.contracts.world import World
from tests.fakes import FixedClock, Store
from tests.identity_fakes import CountingTokens, InMemoryMailer
from tests.leaving_fakes import InMemoryBelongings, PlainBelongingsWriter


class Leaving:
    """What closes accounts, opens them again, erases them and hands everything out."""

    store: Store
    world: World
    clock: FixedClock
    mailer: InMemoryMailer

    @property
    def basics(self) -> Basics:
        raise NotImplementedError

    def _leave(self) -> None:
        world, basics = self.world, self.basics
        users, unit_of_work = world.users, basics["unit_of_work"]
        self.belongings = InMemoryBelongings(self.store, self.clock)
        self.delete_account = DeleteAccount(
            users=users, sessions=world.sessions, api_tokens=world.api_tokens, **basics
        )
        self.keep_account = KeepAccount(users=users, mailed_tokens=world.mailed_tokens, **basics)
        self.tell_of_deletion = TellOfDeletion(
            users=users,
            mailed_tokens=world.mailed_tokens,
            tokens=CountingTokens(),
            mailer=self.mailer,
            clock=self.clock,
            unit_of_work=unit_of_work,
        )
        self.tell_of_keeping = TellOfKeeping(
            users=users, mailer=self.mailer, unit_of_work=unit_of_work
        )
        self.erase_user = EraseUser(belongings=self.belongings, **basics)
        self.sweep_user = SweepUser(belongings=self.belongings, **basics)
        self.export_user = ExportUser(
            belongings=self.belongings, writer=PlainBelongingsWriter(), **basics
        )
