"""What is written to users."""

from dataclasses import dataclass
from enum import StrEnum

from domain.identity.values import Token


class EmailTemplate(StrEnum):
    """What a letter is about."""

    ASK_FOR_PROOF = "ask-for-proof"
    REGISTRATION_REPEATED = "registration-repeated"
    REGISTRATION_UNPROVED = "registration-unproved"
    RESET_PASSWORD = "reset-password"  # noqa: S105  # what it is about, not one
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    CONFIRM_EMAIL = "confirm-email"
    EMAIL_CHANGE_REQUESTED = "email-change-requested"
    EMAIL_CHANGED = "email-changed"
    SECOND_FACTOR_CONFIRMED = "second-factor-confirmed"
    SECOND_FACTOR_REMOVED = "second-factor-removed"
    RECOVERY_CODE_USED = "recovery-code-used"
    API_TOKEN_ISSUED = "api-token-issued"  # noqa: S105
    PROVIDER_CONNECTED = "provider-connected"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_KEPT = "account-kept"


@dataclass(frozen=True, slots=True)
class EmailMessage:
    """A letter before it is put into words: it says nothing of its reader but a token, if any."""

    kind: EmailTemplate
    token: Token | None = None
