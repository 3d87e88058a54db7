"""Tests of `signette prove`."""
