"""The only door to pydantic's validation: annotation -> validator, serializer, model fields, JSON schema."""
