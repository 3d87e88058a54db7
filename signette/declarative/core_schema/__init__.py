"""pydantic's core schemas, rewritten for what a client sends: texts or JSON, few errors, linear time."""
