"""Query parameters that several endpoints of the ledger share, and the scopes they require."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dashtam.api.http import Query
from dashtam.api.problems import unwrap
from dashtam.api.texts import AsOfText, CursorText
from domain.identity.values import Scope
from domain.ledger.as_of import NOW, AsOf
from domain.shared.pages import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, IdCursor, OpaqueCursor
from domain.shared.ports import Clock

READ_ACCOUNTS = frozenset({Scope.READ_ACCOUNTS})
READ_TRANSACTIONS = frozenset({Scope.READ_TRANSACTIONS})
WRITE_TRANSACTIONS = frozenset({Scope.WRITE_TRANSACTIONS})
READ_IMPORTS = frozenset({Scope.READ_IMPORTS})
WRITE_IMPORTS = frozenset({Scope.WRITE_IMPORTS})
READ_CONNECTIONS = frozenset({Scope.READ_CONNECTIONS})
WRITE_CONNECTIONS = frozenset({Scope.WRITE_CONNECTIONS})
# For endpoints that show the ledger as a whole.
READ_LEDGER = READ_ACCOUNTS | READ_TRANSACTIONS

C = TypeVar("C", bound=OpaqueCursor)
I = TypeVar("I", bound=UUID)  # noqa: E741  # an id

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _written_as_day(text: Any) -> Any:
    """Refuse seconds since 1970 and midnights, which pydantic accepts as dates too."""
    if isinstance(text, str) and not _DAY.fullmatch(text):
        raise PydanticCustomError("day", "This is not a date (2026-03-01)")
    return text


Day = Annotated[date, BeforeValidator(_written_as_day)]


class LimitQuery(Query):
    """How many items to return at most."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = DEFAULT_PAGE_SIZE


class PageQuery(LimitQuery):
    """How many items to return, and the cursor of the previous page, if there was one."""

    cursor: CursorText | None = None

    def after(self, kind: type[C]) -> C | None:
        """Return where to continue."""
        return None if self.cursor is None else unwrap(kind.parse(self.cursor))

    def after_id(self, kind: Callable[[UUID], I]) -> I | None:
        """Return where to continue in a list that is ordered by ids."""
        cursor = self.after(IdCursor)
        return None if cursor is None else kind(cursor.id)


class PeriodQuery(Query):
    """A range of dates, both ends included."""

    date_from: Day | None = None
    date_to: Day | None = None


class AsOfQuery(Query):
    """The date or moment to look back to, if any."""

    as_of: AsOfText | None = None

    def look_back(self, clock: Clock) -> AsOf:
        return NOW if self.as_of is None else unwrap(AsOf.parse(self.as_of, now=clock.now()))
