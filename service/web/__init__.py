"""The pages: server-rendered, Japanese and English, one question each."""
