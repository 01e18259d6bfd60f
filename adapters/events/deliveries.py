"""Where events go: to the reactions of this process, or through streams to those of another."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from adapters.events.reactions import Delivery, Reactions
from adapters.persistence.database import Database
from adapters.persistence.outbox.lanes import Lane

if TYPE_CHECKING:
    # Redis is there only where it is used: see requirements/scale.txt.
    from types import ModuleType

    from adapters.events.streams import StreamConsumer


def deliveries(reactions: Reactions, stream_url: str) -> Mapping[Lane, Delivery]:
    """Return where the events of each lane go."""
    here: Delivery = reactions
    if not stream_url:
        return dict.fromkeys(Lane, here)
    streams = _streams(stream_url)
    handed_on: Delivery = streams.RedisStream(streams.redis_at(stream_url))
    # Imports stay in the outbox until they are done: there users take turns, and in a stream
    # a large file would hold up all that comes behind it.
    return {Lane.DEFAULT: handed_on, Lane.IMPORTS: here}


def stream_consumer(database: Database, reactions: Reactions, stream_url: str) -> "StreamConsumer":
    """Return what hands on to reactions what arrives in the streams."""
    streams = _streams(stream_url)
    made: StreamConsumer = streams.StreamConsumer(database, streams.redis_at(stream_url), reactions)
    return made


def _streams(stream_url: str) -> "ModuleType":
    if not stream_url:
        raise ImproperlyConfigured("There are no streams: the setting EVENT_STREAM_URL is missing.")
    try:
        from adapters.events import streams
    except ImportError:
        raise ImproperlyConfigured(
            "EVENT_STREAM_URL needs Redis: pip install -r requirements/scale.txt"
        ) from None
    return streams
