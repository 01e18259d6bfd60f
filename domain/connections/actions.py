"""Actions on connections that are only audited, not published."""

from domain.shared.events import Action, ResourceType

#: The credentials of a user were encrypted with another key, without being read.
CREDENTIALS_REWRAPPED = Action("credentials.rewrapped", ResourceType.USER, ("count",))
