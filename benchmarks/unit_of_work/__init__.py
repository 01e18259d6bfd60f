"""What one unit of work costs the client: ours, SQLAlchemy's, and psycopg's with no ORM."""
