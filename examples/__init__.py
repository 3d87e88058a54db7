"""Whole applications, to read and to run: `signette run examples.airports:app`."""
