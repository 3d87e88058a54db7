"""One application, written twice: `plain.py` on the plain toolkit, `typed.py` with typed endpoints."""
