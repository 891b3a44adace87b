"""Files of feedback: one reader a format, each yielding records."""
