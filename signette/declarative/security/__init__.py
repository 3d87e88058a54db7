"""Security schemes: dependencies that can also describe themselves to OpenAPI. The binder has no word for them."""
