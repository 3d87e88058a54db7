"""Channels: typed messages over the bus of the application's backend, from publishers to subscribers."""
