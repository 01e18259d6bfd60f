"""Actions on connections that are recorded in the audit trail, and announced to nobody."""

from domain.shared.events import Action, ResourceType

#: A user's credentials went under another key; what they are was not looked at.
CREDENTIALS_REWRAPPED = Action("credentials.rewrapped", ResourceType.USER, ("count",))
