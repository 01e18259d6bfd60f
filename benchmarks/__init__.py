"""Measurements against limits: `make bench`."""
