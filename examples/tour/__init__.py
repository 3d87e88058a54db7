"""One application, written twice: `plain/` with the plain toolkit, `typed/` with typed endpoints."""
