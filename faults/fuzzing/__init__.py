"""Requests and files that nobody in their right mind sends, made by chance from a seed."""
