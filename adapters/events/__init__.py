"""Delivers committed events to reactions."""

from adapters.events.publisher import WakingPublisher
from adapters.events.reactions import Reactions, Subscription, on
from adapters.events.relay import Delivery, Relay
from adapters.persistence.outbox.lanes import Lane

__all__ = ["Delivery", "Lane", "Reactions", "Relay", "Subscription", "WakingPublisher", "on"]
