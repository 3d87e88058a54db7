"""Checks of a signature when the route is made: each rejects what could not be honoured at a request."""
