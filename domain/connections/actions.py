"""What is audited of connections and announced to nobody: an action each."""

from domain.shared.events import Action, ResourceType

#: A user's credentials went under another key; what they are was not looked at.
CREDENTIALS_REWRAPPED = Action("credentials.rewrapped", ResourceType.USER, ("count",))
