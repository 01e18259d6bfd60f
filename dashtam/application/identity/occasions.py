"""When a user gets which letter, and with which token."""

from dashtam.application.identity.letter_writer import Occasion
from domain.identity.entities import User
from domain.identity.letters import LetterKind
from domain.identity.values import MailPurpose


def proof(user: User) -> Occasion | None:
    """An address that is not proved yet."""
    if user.verified_at is not None or user.erase_after is not None:
        return None
    return Occasion(LetterKind.ASK_FOR_PROOF, MailPurpose.VERIFY_EMAIL, user.email)


def warning(user: User) -> Occasion | None:
    """Somebody else, or the same person once more, claims the address of an account."""
    if user.erase_after is not None:
        return None
    if user.verified_at is None:
        # Who was first may have been somebody else: the password is chosen by who reads the mail.
        return Occasion(LetterKind.REGISTRATION_UNPROVED, MailPurpose.RESET_PASSWORD, user.email)
    return Occasion(LetterKind.REGISTRATION_REPEATED, MailPurpose.NOTICE, user.email)


def reset(user: User) -> Occasion | None:
    """A password is to be chosen anew, which proves the address as well."""
    if user.erase_after is not None:
        return None
    return Occasion(LetterKind.RESET_PASSWORD, MailPurpose.RESET_PASSWORD, user.email)


def new_address(user: User) -> Occasion | None:
    """An address is wanted that is to be proved before it is taken."""
    if user.wanted_email is None or user.erase_after is not None:
        return None
    return Occasion(LetterKind.CONFIRM_EMAIL, MailPurpose.VERIFY_EMAIL, user.wanted_email)


def way_back(user: User) -> Occasion | None:
    """An account is closed, and may be taken back until it is erased."""
    if user.erase_after is None:
        return None
    return Occasion(LetterKind.ACCOUNT_CLOSED, MailPurpose.KEEP_ACCOUNT, user.email)
