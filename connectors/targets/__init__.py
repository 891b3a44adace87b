"""Backlogs and knowledge bases that deliveries go to: one file each, found by walking this folder."""
