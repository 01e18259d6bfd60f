"""The names and roles of staff."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from domain.shared.result import Failure, Result, Success
from domain.shared.text import normalised
from domain.staff.errors import InvalidStaffName

_NAME = re.compile(r"[\w.@+-]{1,150}")
# Before normalization: letters and marks are combined.
MAX_TYPED_NAME = 254


@dataclass(frozen=True, slots=True)
class StaffName:
    """The name with which a member of staff logs in."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidStaffName]:
        """Parse a name that somebody typed: letters, digits and `@.+-_`."""
        name = normalised(text.strip(), MAX_TYPED_NAME)
        if isinstance(name, Failure) or not _NAME.fullmatch(name.value):
            words = "A name has 1 to 150 letters, digits, or any of @.+-_."
            return Failure(InvalidStaffName(words))
        return Success(cls(name.value))

    def __str__(self) -> str:
        return self.text


class StaffRole(StrEnum):
    """The role of a member of staff; each has one."""

    #: Answers the questions of users.
    SUPPORT = "support"
    #: Keeps the service running: sees what support sees, and the outbox.
    OPERATOR = "operator"
    #: Reads the audit trail and nothing else.
    AUDITOR = "auditor"
    #: Manages staff, and sees every page.
    ADMINISTRATOR = "administrator"

    def may_view(self, feature: str) -> bool:
        """Return whether the role may view the pages of a feature; all pages are masked."""
        return self is StaffRole.ADMINISTRATOR or feature in _VIEWS[self]

    @property
    def may_operate(self) -> bool:
        """Whether the role may repeat work, such as the delivery of dead events."""
        return self is StaffRole.OPERATOR


_OF_CUSTOMERS = frozenset({"identity", "connections", "ledger", "sharing"})
_VIEWS = {
    StaffRole.SUPPORT: _OF_CUSTOMERS,
    StaffRole.OPERATOR: _OF_CUSTOMERS | {"outbox"},
    StaffRole.AUDITOR: frozenset({"audit"}),
}
