"""Use cases about letters, what they bring, and what their readers change."""

from collections.abc import Sequence
from functools import cached_property

from adapters.events import Subscription, on
from dashtam.application.identity import occasions
from dashtam.application.identity.change_user import ChangeUser
from dashtam.application.identity.confirm_email import ConfirmEmail
from dashtam.application.identity.end_outdated_sessions import EndOutdatedSessions
from dashtam.application.identity.letter_writer import LetterWriter
from dashtam.application.identity.notify_user import NOTICES, NotifyUser
from dashtam.application.identity.request_letter import RequestLetter
from dashtam.application.identity.reset_password import ResetPassword
from dashtam.application.identity.tell_former_email import TellFormerEmail
from dashtam.application.identity.verify_email import VerifyEmail
from dashtam.application.identity.warn_owner import WarnOwner
from dashtam.application.identity.write_letter import WriteLetter
from dashtam.container.identity import Identity
from domain.identity.events import (
    AccountDeleted,
    EmailChangeRequested,
    EmailVerified,
    PasswordResetRequested,
    RegistrationRepeated,
    UserPasswordChanged,
    UserRegistered,
    VerificationRequested,
)


class Letters(Identity):
    """Proving addresses, choosing passwords anew, and telling users what happens to them."""

    @cached_property
    def request_verification(self) -> RequestLetter:
        return RequestLetter(users=self.users, event=VerificationRequested, **self.basics)

    @cached_property
    def request_password_reset(self) -> RequestLetter:
        return RequestLetter(users=self.users, event=PasswordResetRequested, **self.basics)

    @cached_property
    def verify_email(self) -> VerifyEmail:
        return VerifyEmail(
            users=self.users,
            mailed_tokens=self.mailed_tokens,
            hasher=self.hasher,
            judge=self.password_judge,
            turns=self.password_turns,
            guesses=self.guess_limiter,
            **self.basics,
        )

    @cached_property
    def reset_password(self) -> ResetPassword:
        return ResetPassword(
            users=self.users,
            mailed_tokens=self.mailed_tokens,
            sessions=self.sessions,
            api_tokens=self.api_tokens,
            hasher=self.hasher,
            devices=self.devices,
            judge=self.password_judge,
            turns=self.password_turns,
            **self.basics,
        )

    @cached_property
    def change_user(self) -> ChangeUser:
        return ChangeUser(
            users=self.users,
            sessions=self.sessions,
            mailed_tokens=self.mailed_tokens,
            hasher=self.hasher,
            judge=self.password_judge,
            turns=self.password_turns,
            **self.basics,
        )

    @cached_property
    def letter_writer(self) -> LetterWriter:
        return LetterWriter(
            users=self.users,
            mailed_tokens=self.mailed_tokens,
            tokens=self.tokens,
            mailer=self.mailer,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
        )

    @cached_property
    def ask_for_proof(self) -> WriteLetter:
        return WriteLetter(self.letter_writer, occasions.proof)

    @cached_property
    def warn_owner(self) -> WarnOwner:
        return WarnOwner(
            users=self.users,
            mailed_tokens=self.mailed_tokens,
            hasher=self.hasher,
            tokens=self.tokens,
            writer=self.letter_writer,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
        )

    @cached_property
    def offer_reset(self) -> WriteLetter:
        return WriteLetter(self.letter_writer, occasions.reset)

    @cached_property
    def offer_way_back(self) -> WriteLetter:
        return WriteLetter(self.letter_writer, occasions.way_back)

    @cached_property
    def confirm_email(self) -> ConfirmEmail:
        return ConfirmEmail(
            users=self.users, writer=self.letter_writer, unit_of_work=self.unit_of_work
        )

    @cached_property
    def tell_former_email(self) -> TellFormerEmail:
        return TellFormerEmail(
            users=self.users, mailer=self.mailer, clock=self.clock, unit_of_work=self.unit_of_work
        )

    @cached_property
    def notify_user(self) -> NotifyUser:
        return NotifyUser(users=self.users, mailer=self.mailer, unit_of_work=self.unit_of_work)

    @cached_property
    def end_outdated_sessions(self) -> EndOutdatedSessions:
        return EndOutdatedSessions(
            users=self.users,
            sessions=self.sessions,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
        )

    @property
    def letters(self) -> Sequence[Subscription]:
        """Who writes when."""
        return [
            on(UserRegistered, self.ask_for_proof, consumer="verification-email", outside=True),
            on(
                VerificationRequested,
                self.ask_for_proof,
                consumer="verification-email",
                outside=True,
            ),
            on(
                RegistrationRepeated,
                self.warn_owner,
                consumer="duplicate-registration-email",
                outside=True,
            ),
            on(
                PasswordResetRequested,
                self.offer_reset,
                consumer="password-reset-email",
                outside=True,
            ),
            on(
                EmailChangeRequested,
                self.confirm_email,
                consumer="email-confirmation",
                outside=True,
            ),
            on(EmailVerified, self.tell_former_email, consumer="old-email-notice", outside=True),
            # In a transaction of its own: an entry within a savepoint has another's number.
            on(
                UserPasswordChanged,
                self.end_outdated_sessions,
                consumer="end-outdated-sessions",
                outside=True,
            ),
            on(AccountDeleted, self.offer_way_back, consumer="recovery-email", outside=True),
            *(
                on(event, self.notify_user, consumer="security-notice", outside=True)
                for event in NOTICES
            ),
        ]
