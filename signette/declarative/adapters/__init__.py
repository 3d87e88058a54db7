"""The only package that uses pydantic to validate and serialize: validators, serializers, model fields, JSON Schema."""
