"""Faults on purpose, for long (`make faults`): what is killed loses nothing."""
