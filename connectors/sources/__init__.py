"""The systems that feedback comes from, one a file; `connectors.registry` finds them."""
