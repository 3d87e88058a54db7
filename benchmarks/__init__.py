"""Signette, a hand-written ASGI application and five frameworks, in one run (see README.md here)."""
