"""Comma-separated values: RFC 4180, and the dialects of banks."""
