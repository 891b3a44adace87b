"""The measures by which a company steers, each defined once ([measures](../../../docs/measures.md))."""
