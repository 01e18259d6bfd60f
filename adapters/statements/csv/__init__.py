"""Comma-separated values, RFC 4180 and whatever banks make of it."""

from adapters.statements.csv.profiles import find_profile
from adapters.statements.csv.reader import CsvReader
from adapters.statements.csv.sampling import sample

__all__ = ["CsvReader", "find_profile", "sample"]
