"""The data's way, one file a stage; `run.py` is the line."""
