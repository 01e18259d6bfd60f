"""Whether the server lives, and whether it can work."""

import asyncio
from typing import Literal, Protocol

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from dashtam.api.answers import answer
from dashtam.api.http import UnlimitedView
from dashtam.api.problems import problem
from domain.shared.errors import Unavailable

PATIENCE_SECONDS = 2.0


class Checked(Protocol):
    """Something that can be asked whether it answers."""

    async def check_connection(self) -> bool: ...


class Health(BaseModel):
    """The good news."""

    status: Literal["live", "ready"]


class LiveView(UnlimitedView):
    """The process runs and its event loop turns."""

    async def get(self, request: HttpRequest) -> HttpResponse:
        return answer(Health(status="live"))


class ReadyView(UnlimitedView):
    """The database answers, so requests can be served."""

    database: Checked

    async def get(self, request: HttpRequest) -> HttpResponse:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                ready = await self.database.check_connection()
        except TimeoutError:
            ready = False
        if not ready:
            return problem(Unavailable("The database does not answer."), request)
        return answer(Health(status="ready"))
