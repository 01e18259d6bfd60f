"""Django's ASGI handler without its threads, for everything but pages.

The stock handler starts a thread for every request, and sends it the signals of a request, so that
each thread's database connection is looked after. Requests of the API use no such connection: they
lease one from `Database`, which looks after its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from io import BytesIO
from types import TracebackType
from typing import Any, Final, Self

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.db import connections
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from dashtam.api.bodies import Message, Receive
from dashtam.headers import PAGE_ROOTS

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
View = Callable[..., Any]

#: Requests that take less do not notice that their client has disconnected.
LISTEN_AFTER_SECONDS: Final = 0.02


class Router:
    """Sends pages to one application, and all other requests to another."""

    def __init__(self, *, pages: Application, api: Application) -> None:
        self._pages = pages
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["path"].startswith(PAGE_ROOTS)
        await (self._pages if is_page else self._api)(scope, receive, send)


class ApiApplication(ASGIHandler):
    """Runs asynchronous middleware and views on the event loop, and nothing else."""

    def load_middleware(self, is_async: bool = True) -> None:
        """Load API_MIDDLEWARE, all of which is asynchronous."""
        chain: Any = convert_exception_to_response(self._call_view)
        for path in reversed(settings.API_MIDDLEWARE):
            chain = convert_exception_to_response(import_string(path)(chain))
        self._middleware_chain = chain

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Respond to a request, whose body `dashtam.api.bodies` reads when a view wants it."""
        request = self.request_class(scope, BytesIO())
        response: HttpResponseBase | None = None
        try:
            async with _ConnectedClient(receive):
                response = await self.run_get_response(request)
                await self.send_response(response, send)
        finally:
            if response is not None:
                _close(response)
            request.close()

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Respond without Django's log of refused requests, which `OriginMiddleware` logs."""
        chain: Any = self._middleware_chain
        response: HttpResponseBase = await chain(request)
        return response

    async def send_response(self, response: Any, send: Any) -> None:
        """Send a response in as few steps as there are."""
        if response.streaming or response.cookies:
            await super().send_response(response, send)
            return
        said = response.headers._store.values()
        headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in said]
        start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": response.content})

    async def _call_view(self, request: HttpRequest) -> HttpResponseBase:
        view, args, kwargs = self.resolve_request(request)
        if not _is_asynchronous(view):
            view = sync_to_async(_closing_connections(view), thread_sensitive=False)
        response: HttpResponseBase = await view(request, *args, **kwargs)
        return response


# Views live as long as the process, and each of them is asked about for every request.
_is_asynchronous = cache(iscoroutinefunction)


def _closing_connections(view: View) -> View:
    """Run a synchronous view so that no connection stays open in its thread."""

    def call(*args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = view(*args, **kwargs)
            return response
        finally:
            connections.close_all()

    return call


def _close(response: Any) -> None:
    """Close what a response holds, such as a file, without the signal that a request has ended."""
    for close in response._resource_closers:
        close()
    response._resource_closers.clear()
    response.closed = True


class _ConnectedClient:
    """Cancels the block, and ends it quietly, when the client disconnects."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._listener: asyncio.Task[None] | None = None
        self._is_gone = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(LISTEN_AFTER_SECONDS, self._listen)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self._timer.cancel()
        if self._listener:
            self._listener.cancel()
        # Whoever else cancelled the request, such as a server that stops, is not ignored.
        is_cancelled = exc_type is asyncio.CancelledError
        return self._is_gone and not self._task.uncancel() and is_cancelled

    def _listen(self) -> None:
        self._listener = asyncio.create_task(self._cancel_when_gone())

    async def _cancel_when_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._is_gone = True
        self._task.cancel()
