"""Figures of this process and of the outbox, in the words of Prometheus."""

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
    """How busy the connections are."""

    size: int
    leased: int
    waiting: int
    waits: int
    waited: float
    crowded: int


class Pooled(Protocol):
    """Something with connections."""

    @property
    def state(self) -> PoolFigures: ...


class MetricsView(UnlimitedView):
    """What an operator watches. An outbox that cannot be asked is left out, and so is missed."""

    database: Pooled
    outbox: Outbox

    async def get(self, request: HttpRequest) -> HttpResponse:
        registry = CollectorRegistry()
        _tell_pool(registry, self.database.state)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                backlog = await self.outbox.backlog()
            if isinstance(backlog, Success):
                _tell_outbox(registry, backlog.value)
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _tell_pool(registry: CollectorRegistry, pool: PoolFigures) -> None:
    _tell(registry, "dashtam_database_connections", "Connections there may be.", pool.size)
    _tell(registry, "dashtam_database_connections_leased", "Connections at work.", pool.leased)
    _tell(registry, "dashtam_database_waiting", "Who waits for a connection.", pool.waiting)
    _tell(registry, "dashtam_database_waits_count", "Who ever had to wait.", pool.waits)
    _tell(registry, "dashtam_database_waits_seconds", "How long they all did.", pool.waited)
    _tell(registry, "dashtam_database_crowded_count", "Who was refused a place.", pool.crowded)


def _tell_outbox(registry: CollectorRegistry, outbox: Backlog) -> None:
    _tell(registry, "dashtam_outbox_waiting", "Events on their way.", outbox.waiting)
    _tell(registry, "dashtam_outbox_dead", "Events that were given up.", outbox.dead)
    lag = Gauge(
        "dashtam_outbox_lag_seconds", "Age of the oldest event.", ["lane"], registry=registry
    )
    for lane, seconds in outbox.lags.items():
        lag.labels(lane).set(seconds)


def _tell(registry: CollectorRegistry, name: str, words: str, value: float) -> None:
    Gauge(name, words, registry=registry).set(value)
