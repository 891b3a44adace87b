"""Koe: composes the understanding (`nlp`) and the outside world (`connectors`) into one loop."""
