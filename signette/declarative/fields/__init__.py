"""pydantic's `Field` as the base of markers, and the fields of pydantic's classes as parameters of constructors."""
