"""FinTS 3.0 with PIN and TAN: German banks, asked directly and without a third party."""

from adapters.providers.fints.provider import fints_provider

__all__ = ["fints_provider"]
