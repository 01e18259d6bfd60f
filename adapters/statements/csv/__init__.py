"""Comma-separated values: RFC 4180, and the dialects of banks."""

from adapters.statements.csv.profile import find_profile
from adapters.statements.csv.reader import CsvReader, sample

__all__ = ["CsvReader", "find_profile", "sample"]
