"""Days in the address of a request."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _written_as_day(text: Any) -> Any:
    """Refuse seconds since 1970 and midnights, which pydantic takes for days too."""
    if isinstance(text, str) and not _DAY.fullmatch(text):
        raise PydanticCustomError("day", "This is not a date (2026-03-01)")
    return text


Day = Annotated[date, BeforeValidator(_written_as_day)]
