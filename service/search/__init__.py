"""Finding voices, themes and articles by what somebody types."""
