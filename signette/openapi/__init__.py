"""The OpenAPI document of routes, and pages of Swagger UI and ReDoc."""

from signette.openapi.utils import get_openapi

__all__ = ["get_openapi"]
