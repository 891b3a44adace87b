"""The command groups of the command line, one file a noun; `service/cli.py` puts them together."""
