"""Chooses where events go: to reactions in this process, or through Redis to another one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from adapters.events.reactions import Delivery, Reactions
from adapters.persistence.database import Database
from adapters.persistence.outbox.lanes import Lane

if TYPE_CHECKING:
    # Redis is an optional dependency: see requirements/scale.txt.
    from types import ModuleType

    from adapters.events.streams import StreamConsumer


def deliveries(reactions: Reactions, stream_url: str) -> Mapping[Lane, Delivery]:
    """Return the delivery of each lane."""
    local: Delivery = reactions
    if not stream_url:
        return dict.fromkeys(Lane, local)
    streams = _streams(stream_url)
    remote: Delivery = streams.RedisStream(streams.redis_at(stream_url))
    # Imports stay in the outbox, where users take turns: in a stream, a large file would delay
    # everything behind it.
    return {Lane.DEFAULT: remote, Lane.IMPORTS: local}


def stream_consumer(database: Database, reactions: Reactions, stream_url: str) -> "StreamConsumer":
    """Return the consumer that delivers events from the streams to reactions."""
    streams = _streams(stream_url)
    consumer: StreamConsumer = streams.StreamConsumer(
        database, streams.redis_at(stream_url), reactions
    )
    return consumer


def _streams(stream_url: str) -> "ModuleType":
    if not stream_url:
        raise ImproperlyConfigured("There are no event streams: set EVENT_STREAM_URL.")
    try:
        from adapters.events import streams
    except ImportError:
        raise ImproperlyConfigured(
            "EVENT_STREAM_URL needs Redis: pip install -r requirements/scale.txt"
        ) from None
    return streams
