"""Lanes of delivery, so that quick events never wait for slow ones."""

from enum import StrEnum

from domain.ledger.events import PreviewRequested, StatementReceived


class Lane(StrEnum):
    """A lane with workers of its own. Users take turns in the lane of imports."""

    DEFAULT = "default"
    IMPORTS = "imports"


#: Events of the lane of imports, whose reactions may take minutes.
SLOW = (StatementReceived.name, PreviewRequested.name)
