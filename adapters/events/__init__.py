"""Delivery of committed facts to those who react."""

from adapters.events.publisher import WakingPublisher
from adapters.events.reactions import Reactions, Subscription, on
from adapters.events.relay import Delivery, Relay

__all__ = ["Delivery", "Reactions", "Relay", "Subscription", "WakingPublisher", "on"]
