"""The ledger in files of other programs. Pure: nothing here asks for the time."""
