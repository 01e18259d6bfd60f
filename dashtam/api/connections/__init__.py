"""Resources of connections to providers."""
