"""Analyses: a graph file, or every network of a run, from its weights to tables and a page."""
