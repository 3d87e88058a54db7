"""Markers, dependencies and outcomes, and the records of callables and annotations."""
