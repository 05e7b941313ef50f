"""Runs, studies and graph files side by side."""
