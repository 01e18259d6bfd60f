"""Statement files are read in processes of their own, which may use so much and may die."""

from adapters.reading.isolated import IsolatedReader, IsolatedSampler, IsolatedUnpack
from adapters.reading.limits import Limits
from adapters.reading.pool import WorkerPool

__all__ = ["IsolatedReader", "IsolatedSampler", "IsolatedUnpack", "Limits", "WorkerPool"]
