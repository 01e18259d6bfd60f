"""Delivery of committed facts to those who react."""

from adapters.events.publisher import WakingPublisher
from adapters.events.reactions import Reactions, Subscription, on
from adapters.events.relay import Relay

__all__ = ["Reactions", "Relay", "Subscription", "WakingPublisher", "on"]
