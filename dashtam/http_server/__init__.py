"""The HTTP server in front of Django: connections, and requests as they arrive."""
