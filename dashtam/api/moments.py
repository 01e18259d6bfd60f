"""Dates with times in the bodies of requests."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _moment(text: Any) -> Any:
    """Parse a date-time with its zone (RFC 3339), and nothing that merely looks like one."""
    try:
        if isinstance(text, str) and _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except ValueError:
        pass
    raise PydanticCustomError(
        "moment", "This is not a date and time with a zone (2026-03-01T12:00:00Z)"
    )


Moment = Annotated[datetime, BeforeValidator(_moment)]
