"""Health checks: whether the process runs, and whether it can serve requests."""

import asyncio
from typing import Literal, Protocol

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from dashtam.api.http import UnlimitedView
from dashtam.api.problems import problem
from dashtam.api.responses import respond
from domain.shared.errors import Unavailable

PATIENCE_SECONDS = 2.0


class Checked(Protocol):
    """Something whose connection can be checked."""

    async def check_connection(self) -> bool: ...


class Health(BaseModel):
    """The result of a successful check."""

    status: Literal["live", "ready"]


LIVE = Health(status="live")


class LiveView(UnlimitedView):
    """The process and its event loop are running."""

    async def get(self, request: HttpRequest) -> HttpResponse:
        return respond(LIVE)


class ReadyView(UnlimitedView):
    """The database responds, so requests can be served."""

    database: Checked

    async def get(self, request: HttpRequest) -> HttpResponse:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                ready = await self.database.check_connection()
        except TimeoutError:
            ready = False
        if not ready:
            return problem(Unavailable("The database is not responding."), request)
        return respond(Health(status="ready"))
