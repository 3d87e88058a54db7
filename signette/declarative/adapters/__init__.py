"""The one door to pydantic: annotation -> check, fields, dump, JSON schema."""
