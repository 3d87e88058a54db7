"""Security schemes: dependencies that are documented in OpenAPI."""
