"""Security schemes: dependencies that also describe themselves in the OpenAPI document."""
