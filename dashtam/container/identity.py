"""Use cases about people and what they are connected to."""

from functools import cached_property

from dashtam.application.connections.rotate_keys import RotateKeys
from dashtam.application.identity.authenticate import Authenticate
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.log_out import LogOut
from dashtam.application.identity.prove import Prover
from dashtam.application.identity.queries import ShowProfile
from dashtam.application.identity.refresh_session import RefreshSession
from dashtam.application.identity.register_user import RegisterUser
from dashtam.application.turns import Turns
from dashtam.container.adapters import Adapters

# One is hashed while others ask the database.
LOG_INS_AT_ONCE = 4


class Identity(Adapters):
    """Registering, logging in and out, and the keys of what is kept secret."""

    @cached_property
    def password_turns(self) -> Turns:
        """The turns of all who log in or choose a password: those are the costly things here."""
        return Turns(LOG_INS_AT_ONCE)

    @cached_property
    def register_user(self) -> RegisterUser:
        return RegisterUser(
            users=self.users,
            hasher=self.hasher,
            judge=self.password_judge,
            turns=self.password_turns,
            **self.basics,
        )

    @cached_property
    def prover(self) -> Prover:
        return Prover(
            users=self.users,
            hasher=self.hasher,
            second_factors=self.second_factors,
            codes=self.one_time_codes,
            guesses=self.guess_limiter,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
        )

    @cached_property
    def log_in(self) -> LogIn:
        return LogIn(
            users=self.users,
            sessions=self.sessions,
            refresh_tokens=self.refresh_tokens,
            tokens=self.tokens,
            devices=self.devices,
            prover=self.prover,
            turns=self.password_turns,
            **self.basics,
        )

    @cached_property
    def refresh_session(self) -> RefreshSession:
        return RefreshSession(
            users=self.users,
            sessions=self.sessions,
            refresh_tokens=self.refresh_tokens,
            tokens=self.tokens,
            devices=self.devices,
            **self.basics,
        )

    @cached_property
    def authenticate(self) -> Authenticate:
        return Authenticate(
            sessions=self.sessions,
            api_tokens=self.api_tokens,
            rate_limiter=self.rate_limiter,
            **self.basics,
        )

    @cached_property
    def log_out(self) -> LogOut:
        return LogOut(sessions=self.sessions, **self.basics)

    @cached_property
    def show_profile(self) -> ShowProfile:
        return ShowProfile(users=self.users, **self.basics)

    @cached_property
    def rotate_keys(self) -> RotateKeys:
        return RotateKeys(
            vault=self.vault,
            files=self.files,
            previews=self.previews,
            second_factors=self.second_factors,
            **self.basics,
        )
