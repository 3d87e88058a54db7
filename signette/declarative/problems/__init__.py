"""Error responses: their format and their JSON Schema."""
