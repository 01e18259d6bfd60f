"""The client's cost of one unit of work: ours, SQLAlchemy's, and psycopg's without an ORM."""
