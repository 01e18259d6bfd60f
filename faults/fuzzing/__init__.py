"""Random invalid requests and files, generated from a seed."""
