"""One application, written twice: `plain/` on the plain toolkit, `typed/` with typed endpoints."""
