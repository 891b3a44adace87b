"""Measurements that are too long for the tests; each is started by hand and prints Markdown."""
