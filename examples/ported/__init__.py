"""Applications written for Starlette, moved here by their imports alone."""
