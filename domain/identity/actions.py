"""Actions of users that are recorded in the audit trail, and announced to nobody."""

from domain.shared.events import Action, AuditResult, ResourceType

USER_VIEWED = Action("user.viewed", ResourceType.USER, repeats=True)
#: All that is a user's as a file: so many rows of tables, so many files.
USER_EXPORTED = Action("user.exported", ResourceType.USER, ("count", "files"))
#: Sessions that are over and tokens that are worth nothing are gone: so many rows of each table.
EXPIRED_DATA_PURGED = Action("user.swept", ResourceType.USER, ("rows",))

EMAIL_CHANGE_WITHDRAWN = Action("email_change.withdrawn", ResourceType.USER)
FORMER_EMAIL_REMOVED = Action("former_email.removed", ResourceType.USER)
#: An email address that nobody verified was registered again: the first password counts no more.
PASSWORD_WITHDRAWN = Action("user.password_withdrawn", ResourceType.USER)
PASSWORD_REHASHED = Action("user.password_rehashed", ResourceType.USER)

TOKEN_MAILED = Action("token.mailed", ResourceType.USER, ("purpose",))
#: The email could not be sent: nobody has its token, which is worth nothing.
TOKEN_WITHDRAWN = Action(
    "token.withdrawn", ResourceType.USER, ("purpose",), result=AuditResult.FAILURE
)
#: There were enough emails within the hour.
EMAIL_REFUSED = Action(
    "letter.refused", ResourceType.USER, ("purpose",), result=AuditResult.DENIED, repeats=True
)

#: Guesses are few, and each is recorded; where nothing was checked, they are counted. The subject
#: is the user whose email address was given, if anyone's.
LOGIN_FAILED = Action(
    "login.failed",
    ResourceType.USER,
    ("reason",),
    result=AuditResult.DENIED,
    repeats_for=("limited",),
)
SESSION_RENEWED = Action("session.renewed", ResourceType.SESSION)
SESSION_REAUTHENTICATED = Action("session.proved", ResourceType.SESSION)
SESSIONS_VIEWED = Action("sessions.viewed", ResourceType.SESSION, ("count",), repeats=True)
SESSION_VIEWED = Action("session.viewed", ResourceType.SESSION, repeats=True)

#: A user was given the secret of a second factor, which no code has confirmed yet.
SECOND_FACTOR_ENROLLED = Action("second_factor.enrolled", ResourceType.SECOND_FACTOR)
SECOND_FACTORS_VIEWED = Action(
    "second_factors.viewed", ResourceType.SECOND_FACTOR, ("count",), repeats=True
)
RECOVERY_CODES_ISSUED = Action("recovery_codes.issued", ResourceType.USER, ("count",))

API_TOKENS_VIEWED = Action("api_tokens.viewed", ResourceType.API_TOKEN, ("count",), repeats=True)
#: All programs of a user lost their tokens.
API_TOKENS_REVOKED = Action("api_tokens.revoked", ResourceType.USER, ("count",))
