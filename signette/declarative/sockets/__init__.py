"""Typed WebSockets: `Socket[In, Out]`, whose messages are validated in both directions."""
