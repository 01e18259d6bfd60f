"""What requests cost, beside servers on FastAPI and SQLAlchemy."""
