"""Pure decisions: no tables, database, clock or network."""
