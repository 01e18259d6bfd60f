"""The ledger in PostgreSQL, a module for each subject."""
