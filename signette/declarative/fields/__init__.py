"""pydantic's `Field` as the base of markers, and the fields of pydantic classes as constructor parameters."""
