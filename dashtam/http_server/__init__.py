"""What comes before Django: connections, and requests as they arrive."""
