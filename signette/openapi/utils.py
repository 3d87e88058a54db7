"""`get_openapi`: the OpenAPI document of routes, to create or extend it yourself."""

from collections.abc import Mapping, Sequence
from typing import Any

from signette.declarative.openapi.dialect import OPENAPI_3_1, dialect_of
from signette.declarative.openapi.document import openapi_document
from signette.declarative.openapi.info import Info
from signette.declarative.problems.format import ProblemFormat

__all__ = ["get_openapi"]


def get_openapi(
    *,
    title: str,
    version: str,
    routes: Sequence[Any],
    openapi_version: str = OPENAPI_3_1.version,
    summary: str | None = None,
    description: str | None = None,
    webhooks: Sequence[Any] | None = None,
    tags: Sequence[Mapping[str, Any]] | None = None,
    servers: Sequence[Mapping[str, Any]] | None = None,
    terms_of_service: str | None = None,
    contact: Mapping[str, Any] | None = None,
    license_info: Mapping[str, Any] | None = None,
    separate_input_output_schemas: bool = True,
    external_docs: Mapping[str, Any] | None = None,
    errors: ProblemFormat | None = None,
) -> dict[str, Any]:
    """The OpenAPI document of the typed routes, as a new dictionary that you can change.

    `App.openapi()` creates the same document and caches it. To extend that, replace the method: `app.openapi = custom`.
    `errors` is the option `errors` of the application; `routes=app.routes` has it.

    Raises:
        SignatureError: an annotation has an unknown name; the message has its location and a hint.
        ValueError: `openapi_version` is neither 3.1 nor 3.2.
    """
    info = Info(
        title, version, summary, description, terms_of_service, contact, license_info,
        tuple(servers or ()), tuple(tags or ()), external_docs,
    )  # fmt: skip
    return openapi_document(
        routes,
        info,
        errors or getattr(routes, "error_format", None) or ProblemFormat(),
        webhooks=webhooks or (),
        dialect=dialect_of(openapi_version),
        separate_input_output_schemas=separate_input_output_schemas,
    )
