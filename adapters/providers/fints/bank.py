"""Talks to banks on a few threads, because the library blocks."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from adapters.providers.fints.access import Access
from adapters.providers.fints.client import BankClient
from adapters.providers.fints.connection import BankConnection, BankError, RefusedAnswer
from adapters.providers.http import HttpClient
from domain.connections.providers import AnswerRefused, ProviderTrouble
from domain.shared.result import Failure, Result, Success

#: Dialogs at once; others wait for a thread.
DIALOGS_AT_ONCE = 4

T = TypeVar("T")


class Bank:
    """Runs dialogs with banks, in the name of a registered product."""

    def __init__(self, product_id: str, http: HttpClient) -> None:
        self._product_id = product_id
        self._http = http
        self._threads = ThreadPoolExecutor(DIALOGS_AT_ONCE, thread_name_prefix="fints")

    async def run(
        self, access: Access, work: Callable[[BankClient], T], now: datetime
    ) -> Result[T, ProviderTrouble | AnswerRefused]:
        """Do some work with a client on a thread; if this is cancelled, it sends nothing more."""
        loop = asyncio.get_running_loop()
        connection = BankConnection(access.url, self._http, loop, now)
        try:
            return await loop.run_in_executor(self._threads, self._run, access, connection, work)
        finally:
            connection.is_cancelled = True

    def _run(
        self, access: Access, connection: BankConnection, work: Callable[[BankClient], T]
    ) -> Result[T, ProviderTrouble | AnswerRefused]:
        client = BankClient(access, self._product_id, connection)
        try:
            return Success(work(client))
        except BankError as error:
            return Failure(error.trouble)
        except RefusedAnswer as error:
            return Failure(AnswerRefused(str(error)))
        finally:
            client.close()
