"""FinTS 3.0 with PIN and TAN: German banks, asked directly and without a third party."""
