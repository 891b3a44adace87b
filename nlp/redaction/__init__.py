"""Finders of personal data and secrets, one file per kind of thing.

A finder takes folded text (NFKC, every dash between digits an ASCII hyphen) and yields half-open stretches of
it. None of them uses `\\b`: kana and kanji are letters to it, and values stand right beside them.
"""
