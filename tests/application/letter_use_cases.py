"""Use cases about letters, with ports in memory."""

from dataclasses import replace
from typing import Any

from adapters.security.devices import SignedDeviceTokens
from dashtam.application.identity import occasions
from dashtam.application.identity.change_user import ChangeUser
from dashtam.application.identity.confirm_email import ConfirmEmail
from dashtam.application.identity.end_outdated_sessions import EndOutdatedSessions
from dashtam.application.identity.letter_writer import LetterWriter
from dashtam.application.identity.notify_user import NotifyUser
from dashtam.application.identity.register_user import RegisterUser
from dashtam.application.identity.request_letter import RequestLetter
from dashtam.application.identity.reset_password import ResetPassword
from dashtam.application.identity.tell_former_email import TellFormerEmail
from dashtam.application.identity.verify_email import VerifyEmail
from dashtam.application.identity.warn_owner import WarnOwner
from dashtam.application.identity.write_letter import WriteLetter
from dashtam.application.turns import Turns
from domain.identity.events import PasswordResetRequested, VerificationRequested
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON
from tests.fakes import FixedClock, Store
from tests.identity_fakes import CountingTokens, InMemoryMailer, PlainHasher, ShortList


class LetterUseCases:
    """Part of `Application`."""

    store: Store
    world: World
    register_user: RegisterUser
    clock: FixedClock
    hasher: PlainHasher
    mailer: InMemoryMailer
    turns: Turns
    unit_of_work: Any
    basics: Any

    def write_letters(self) -> None:
        world, basics = self.world, self.basics
        users, mailed_tokens, sessions = world.users, world.mailed_tokens, world.sessions
        reacting: Any = {"clock": self.clock, "unit_of_work": self.unit_of_work}
        writer = LetterWriter(
            users=users,
            mailed_tokens=mailed_tokens,
            tokens=CountingTokens(first=1000),
            mailer=self.mailer,
            **reacting,
        )
        self.ask_for_proof = WriteLetter(writer, occasions.proof)
        self.warn_owner = WarnOwner(
            users=users,
            mailed_tokens=mailed_tokens,
            hasher=self.hasher,
            tokens=CountingTokens(first=9000),
            writer=writer,
            **reacting,
        )
        self.offer_reset = WriteLetter(writer, occasions.reset)
        self.offer_way_back = WriteLetter(writer, occasions.way_back)
        self.confirm_email = ConfirmEmail(
            users=users, writer=writer, unit_of_work=self.unit_of_work
        )
        self.tell_former_email = TellFormerEmail(users=users, mailer=self.mailer, **reacting)
        self.notify_user = NotifyUser(
            users=users, mailer=self.mailer, unit_of_work=self.unit_of_work
        )
        self.end_outdated_sessions = EndOutdatedSessions(users=users, sessions=sessions, **reacting)
        self.request_verification = RequestLetter(
            users=users, event=VerificationRequested, **basics
        )
        self.request_password_reset = RequestLetter(
            users=users, event=PasswordResetRequested, **basics
        )
        self._choose_passwords()

    def _choose_passwords(self) -> None:
        world = self.world
        choosing: Any = {
            "users": world.users,
            "mailed_tokens": world.mailed_tokens,
            "sessions": world.sessions,
            "hasher": self.hasher,
            "judge": ShortList(),
            "turns": self.turns,
            **self.basics,
        }
        self.reset_password = ResetPassword(
            api_tokens=world.api_tokens, devices=SignedDeviceTokens("a key"), **choosing
        )
        self.change_user = ChangeUser(**choosing)
        del choosing["sessions"]
        self.verify_email = VerifyEmail(guesses=world.guess_limiter, **choosing)

    async def enrol(self, *, email: str, password: str) -> None:
        """Register somebody who has proved their address."""
        assert isinstance(await self.register_user(email=email, password=password), Success)
        self.store.users |= {
            user.id: replace(user, verified_at=NOON) for user in self.store.users.values()
        }
