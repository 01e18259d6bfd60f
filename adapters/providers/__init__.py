"""Providers: each package knows how one of them is asked, and none knows of another."""
