"""Metrics of this process and of the outbox, for Prometheus."""

import asyncio
from contextlib import suppress
from typing import Protocol

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from dashtam.api.health import PATIENCE_SECONDS
from dashtam.api.http import UnlimitedView
from domain.audit.entities import Backlog
from domain.audit.ports import Outbox
from domain.shared.result import Success


class PoolFigures(Protocol):
    """How busy the connection pool is."""

    size: int
    leased: int
    waiting: int
    waits: int
    waited: float
    crowded: int


class Pooled(Protocol):
    """Something with a connection pool."""

    @property
    def state(self) -> PoolFigures: ...


class MetricsView(UnlimitedView):
    """What an operator monitors. Metrics of the outbox are absent if it cannot be queried."""

    database: Pooled
    outbox: Outbox

    async def get(self, request: HttpRequest) -> HttpResponse:
        registry = CollectorRegistry()
        _add_pool(registry, self.database.state)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                backlog = await self.outbox.backlog()
            if isinstance(backlog, Success):
                _add_outbox(registry, backlog.value)
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _add_pool(registry: CollectorRegistry, pool: PoolFigures) -> None:
    _add(registry, "dashtam_database_connections", "Size of the connection pool.", pool.size)
    _add(registry, "dashtam_database_connections_leased", "Connections in use.", pool.leased)
    _add(registry, "dashtam_database_waiting", "Requests waiting for a connection.", pool.waiting)
    _add(
        registry,
        "dashtam_database_waits_count",
        "Requests that have waited for a connection.",
        pool.waits,
    )
    _add(
        registry,
        "dashtam_database_waits_seconds",
        "Total time that requests have waited.",
        pool.waited,
    )
    _add(
        registry,
        "dashtam_database_crowded_count",
        "Requests refused because their user had too many in progress.",
        pool.crowded,
    )


def _add_outbox(registry: CollectorRegistry, outbox: Backlog) -> None:
    _add(registry, "dashtam_outbox_waiting", "Events waiting for delivery.", outbox.waiting)
    _add(registry, "dashtam_outbox_dead", "Events whose delivery failed for good.", outbox.dead)
    lag = Gauge(
        "dashtam_outbox_lag_seconds",
        "Age of the oldest waiting event.",
        ["lane"],
        registry=registry,
    )
    for lane, seconds in outbox.lags.items():
        lag.labels(lane).set(seconds)


def _add(registry: CollectorRegistry, name: str, help_text: str, value: float) -> None:
    Gauge(name, help_text, registry=registry).set(value)
