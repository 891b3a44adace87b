"""The schema's history: one reversible step a file."""
