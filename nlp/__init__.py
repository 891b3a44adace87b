"""Text and vectors in, values out: language, redaction, spans, themes, retrieval, drafts."""
