"""Error responses: their format, their JSON schema, and validation errors as entries of a problem."""
