"""Koe's tests; `conftest.py` says what they share."""
