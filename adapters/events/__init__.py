"""Delivers committed events to reactions."""

from adapters.events.publisher import WakingPublisher
from adapters.events.reactions import Delivery, Reactions, Subscription, on
from adapters.events.relay import Relay
from adapters.persistence.outbox.lanes import Lane

__all__ = ["Delivery", "Lane", "Reactions", "Relay", "Subscription", "WakingPublisher", "on"]
