"""Lists a page at a time, in the address of a request."""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import Field

from dashtam.api.http import Query
from dashtam.api.problems import Rejected
from dashtam.api.texts import CursorText
from domain.shared.pages import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, InvalidCursor
from domain.shared.result import Failure, Result, Success

P = TypeVar("P")

PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)]


class LimitQuery(Query):
    """How many items are wanted at most."""

    limit: PageSize = DEFAULT_PAGE_SIZE


class PageQuery(LimitQuery):
    """The same, and the cursor of the page before, if there was one."""

    cursor: CursorText | None = None

    def place(self, parse: Callable[[str], Result[P, InvalidCursor]]) -> P | None:
        """Return where to go on."""
        if self.cursor is None:
            return None
        parsed = parse(self.cursor)
        if isinstance(parsed, Failure):
            raise Rejected(parsed.error)
        return parsed.value


def id_place(text: str) -> Result[UUID, InvalidCursor]:
    """Read a cursor of a list that is in the order of its ids."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text:
        return Failure(InvalidCursor("The cursor is not one that was given out here."))
    return Success(found)
