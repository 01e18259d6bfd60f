"""Which events are delivered in which lane, so that quick ones never wait for slow ones."""

from enum import StrEnum

from domain.ledger.events import PreviewRequested, StatementReceived


class Lane(StrEnum):
    """A lane has workers of its own. In that of imports users take turns."""

    DEFAULT = "default"
    IMPORTS = "imports"


#: Events of the lane of imports: what reacts to them may take minutes.
SLOW = (StatementReceived.name, PreviewRequested.name)
