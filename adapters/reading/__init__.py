"""Reads statement files in separate processes, which have limits and may crash."""

from adapters.reading.isolated import IsolatedReader, IsolatedSampler, IsolatedUnpack
from adapters.reading.limits import Limits
from adapters.reading.pool import WorkerPool

__all__ = ["IsolatedReader", "IsolatedSampler", "IsolatedUnpack", "Limits", "WorkerPool"]
