"""Bodies of responses about leaving."""

from datetime import datetime

from pydantic import BaseModel


class DeletionResponse(BaseModel):
    """From when on an account that was closed is erased."""

    erase_after: datetime
