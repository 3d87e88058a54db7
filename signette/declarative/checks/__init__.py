"""Checks of a signature when a route is made. Each rejects a declaration that has no effect, or would always fail."""
