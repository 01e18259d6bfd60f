"""Actions on staff and by staff. They are only audited, not published.

Nothing reacts to them, and the database lets staff write only to the audit trail.
"""

from domain.shared.events import Action, AuditResult, ResourceType

STAFF_ADDED = Action("staff.added", ResourceType.STAFF, ("role",))
STAFF_DISABLED = Action("staff.disabled", ResourceType.STAFF)
#: A new password was set, and a second factor has to be enrolled again.
STAFF_RESET = Action("staff.access_renewed", ResourceType.STAFF)

STAFF_FACTOR_REMOVED = Action("staff.second_factor_removed", ResourceType.STAFF)
#: Somebody with the password and without a second factor was shown the secret of one.
STAFF_FACTOR_OFFERED = Action("staff.second_factor_offered", ResourceType.STAFF)
STAFF_FACTOR_ENROLLED = Action("staff.second_factor_enrolled", ResourceType.STAFF)
STAFF_FACTORS_REWRAPPED = Action("staff.second_factors_rewrapped", ResourceType.STAFF, ("count",))

#: The password was right, and a second factor has to be enrolled before anything else.
STAFF_PASSWORD_ACCEPTED = Action("staff.password_accepted", ResourceType.STAFF)
STAFF_LOGGED_IN = Action("staff.logged_in", ResourceType.STAFF)
#: Every wrong guess is recorded; attempts that were refused unchecked are counted. The subject is
#: the member of staff whose name was given, if there is one.
STAFF_LOGIN_FAILED = Action(
    "staff.login_failed",
    ResourceType.STAFF,
    ("reason",),
    result=AuditResult.DENIED,
    repeats_for=("limited",),
)
STAFF_LOGGED_OUT = Action("staff.logged_out", ResourceType.STAFF)
STAFF_PASSWORD_CHANGED = Action("staff.password_changed", ResourceType.STAFF)
#: Somebody who is logged in failed to authenticate again; the password was not changed.
STAFF_PASSWORD_REFUSED = Action(
    "staff.password_refused", ResourceType.STAFF, ("reason",), result=AuditResult.DENIED
)

#: Somebody requested a page, with these rows on it.
PAGE_VIEWED = Action("staff.page_viewed", ResourceType.STAFF, ("page", "object_id", "shown"))
PAGE_DENIED = Action(
    "staff.page_denied", ResourceType.STAFF, ("page", "object_id"), result=AuditResult.DENIED
)
