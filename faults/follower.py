"""Follows `/changes`, and rebuilds a ledger from it alone."""

import threading
from collections import Counter
from decimal import Decimal
from typing import Any, TypeAlias

from faults.api_client import ApiClient

PAUSE_SECONDS = 0.1

#: The kind of a resource, and the bank's id and the amount of a transaction.
Thing: TypeAlias = tuple[str, str | None, Decimal]


class Follower(threading.Thread):
    """Reads page after page until `finish` is called and no page is left."""

    def __init__(self, client: ApiClient, statuses: Counter[int]) -> None:
        super().__init__(daemon=True)
        self._client = client
        self._statuses = statuses
        self._stop_reading = threading.Event()
        self._cursor = ""
        self.versions: dict[str, int] = {}
        self.things: dict[str, Thing] = {}
        self.problems: list[str] = []

    def finish(self) -> None:
        """Read the remaining pages, and return after the last one."""
        self._stop_reading.set()
        self.join()

    def run(self) -> None:
        while True:
            is_last = self._stop_reading.is_set()
            if not self._read() and is_last:
                return
            self._stop_reading.wait(0 if is_last else PAUSE_SECONDS)

    def _read(self) -> bool:
        """Read a page; return whether there may be another one."""
        query = f"?cursor={self._cursor}" if self._cursor else ""
        status, page = self._client.get(f"/api/v1/changes{query}")
        self._statuses[status] += 1
        if status != 200:
            if status == 409:
                self.problems.append(f"the follower received {page['type']}")
            return status != 409
        for item in page["items"]:
            self._apply(item)
        self._cursor = page["next_cursor"]
        return bool(page["items"])

    def _apply(self, item: dict[str, Any]) -> None:
        place = item["id"]
        if item["version"] != self.versions.get(place, 0) + 1:
            self.problems.append(f"{place}: version {item['version']} came out of order")
        self.versions[place] = item["version"]
        if item["change"] == "removed":
            self.things.pop(place, None)
        else:
            body = item["transaction"] or {"provider_id": None, "amount": "0"}
            self.things[place] = item["resource"], body["provider_id"], Decimal(body["amount"])
