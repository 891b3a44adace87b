"""The outside world: what feedback comes from (sources) and what deliveries go to (targets)."""
