"""Who somebody on the staff is, and what their role lets them open."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from domain.shared.result import Failure, Result, Success
from domain.shared.text import normalised
from domain.staff.errors import InvalidStaffName

_NAME = re.compile(r"[\w.@+-]{1,150}")
# As it is typed: letters are put together.
MAX_TYPED_NAME = 254


@dataclass(frozen=True, slots=True)
class StaffName:
    """The name that somebody on the staff logs in with."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidStaffName]:
        """Read a name that someone typed: letters, digits and `@.+-_`."""
        name = normalised(text.strip(), MAX_TYPED_NAME)
        if isinstance(name, Failure) or not _NAME.fullmatch(name.value):
            words = "A name has 1 to 150 letters, digits, or any of @.+-_."
            return Failure(InvalidStaffName(words))
        return Success(cls(name.value))

    def __str__(self) -> str:
        return self.text


class StaffRole(StrEnum):
    """What somebody on the staff is there for; each has one role."""

    #: Answers customers' questions.
    SUPPORT = "support"
    #: Keeps things running: sees what support sees, and facts on their way.
    OPERATOR = "operator"
    #: Reads the audit trail and nothing else.
    AUDITOR = "auditor"
    #: Looks after staff, and sees every page.
    ADMINISTRATOR = "administrator"

    def may_view(self, feature: str) -> bool:
        """Tell whether the pages of a feature are shown; what they show is masked for all."""
        return self is StaffRole.ADMINISTRATOR or feature in _VIEWS[self]

    @property
    def may_operate(self) -> bool:
        """Whether they may set things going again, such as events that were given up."""
        return self is StaffRole.OPERATOR


_OF_CUSTOMERS = frozenset({"identity", "connections", "ledger"})
_VIEWS = {
    StaffRole.SUPPORT: _OF_CUSTOMERS,
    StaffRole.OPERATOR: _OF_CUSTOMERS | {"outbox"},
    StaffRole.AUDITOR: frozenset({"audit"}),
}
