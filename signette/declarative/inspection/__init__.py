"""The plan as text and as JSON, and warnings about unreachable routes."""
