"""Plan -> function: prints a plan as Python, and what the printed function calls at a request."""
