"""The metadata of an OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from signette._dataclasses import dataclass


@dataclass(frozen=True)
class Info:
    """Metadata of the API."""

    title: str = "API"
    version: str = "0.1.0"
    summary: str | None = None
    description: str | None = None
    terms_of_service: str | None = None
    contact: Mapping[str, Any] | None = None
    license_info: Mapping[str, Any] | None = None
    servers: tuple[Mapping[str, Any], ...] = ()
    tags: tuple[Mapping[str, Any], ...] = ()
    external_docs: Mapping[str, Any] | None = None
