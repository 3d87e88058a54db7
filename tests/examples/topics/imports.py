"""What an application imports of FastAPI, and where it stands here: the table of docs/how-to/from-fastapi.md."""

import ast
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """Names of a module there, and the module here that has them."""

    there: str
    names: tuple[str, ...]
    here: str


# Called otherwise here; everything else keeps its name.
RENAMED = {"FastAPI": "App", "APIRouter": "Router"}

MOVES = (
    Move("fastapi", ("FastAPI",), "signette"),
    Move("fastapi", ("APIRouter",), "signette"),
    Move(
        "fastapi",
        (
            "Depends", "Security", "Path", "Query", "Header", "Cookie", "Body", "Form", "File", "Request", "Response",
            "WebSocket", "WebSocketDisconnect", "WebSocketException", "HTTPException", "UploadFile", "BackgroundTasks",
            "status",
        ),
        "signette",
    ),
    Move("fastapi.routing", ("APIRouter",), "signette"),
    Move("fastapi.routing", ("APIRoute", "APIWebSocketRoute"), "signette.routing"),
    Move(
        "fastapi.params",
        ("Depends", "Security", "Path", "Query", "Header", "Cookie", "Body", "Form", "File"),
        "signette.params",
    ),
    Move(
        "fastapi.responses",
        (
            "Response", "HTMLResponse", "PlainTextResponse", "JSONResponse", "RedirectResponse", "StreamingResponse",
            "FileResponse", "ORJSONResponse", "UJSONResponse",
        ),
        "signette.responses",
    ),
    Move("fastapi.sse", ("EventSourceResponse", "ServerSentEvent"), "signette.responses"),
    Move(
        "fastapi.security",
        (
            "APIKeyCookie", "APIKeyHeader", "APIKeyQuery", "HTTPAuthorizationCredentials", "HTTPBasic",
            "HTTPBasicCredentials", "HTTPBearer", "HTTPDigest", "OAuth2", "OAuth2AuthorizationCodeBearer",
            "OAuth2PasswordBearer", "OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict", "OpenIdConnect",
            "SecurityScopes",
        ),
        "signette.security",
    ),
    Move("fastapi.security.base", ("SecurityBase",), "signette.security.base"),
    Move("fastapi.security.api_key", ("APIKeyCookie", "APIKeyHeader", "APIKeyQuery"), "signette.security.api_key"),
    Move(
        "fastapi.security.http",
        (
            "HTTPAuthorizationCredentials", "HTTPBase", "HTTPBasic", "HTTPBasicCredentials", "HTTPBearer", "HTTPDigest",
        ),
        "signette.security.http",
    ),
    Move(
        "fastapi.security.oauth2",
        (
            "OAuth2", "OAuth2AuthorizationCodeBearer", "OAuth2PasswordBearer", "OAuth2PasswordRequestForm",
            "OAuth2PasswordRequestFormStrict", "SecurityScopes",
        ),
        "signette.security.oauth2",
    ),
    Move("fastapi.security.open_id_connect_url", ("OpenIdConnect",), "signette.security.open_id_connect_url"),
    Move("fastapi.security.utils", ("get_authorization_scheme_param",), "signette.security.utils"),
    Move("starlette.exceptions", ("HTTPException",), "signette.exceptions"),
    Move(
        "fastapi.exceptions",
        (
            "HTTPException", "RequestValidationError", "WebSocketRequestValidationError", "ResponseValidationError",
            "WebSocketException",
        ),
        "signette.exceptions",
    ),
    Move(
        "fastapi.exception_handlers",
        (
            "http_exception_handler", "request_validation_exception_handler",
            "websocket_request_validation_exception_handler",
        ),
        "signette.exception_handlers",
    ),
    Move("fastapi.logger", ("logger",), "signette.logger"),
    Move("fastapi.encoders", ("jsonable_encoder",), "signette.encoders"),
    Move("fastapi.openapi.utils", ("get_openapi",), "signette.openapi.utils"),
    Move(
        "fastapi.openapi.docs",
        ("get_swagger_ui_html", "get_redoc_html", "get_swagger_ui_oauth2_redirect_html"),
        "signette.openapi.docs",
    ),
    Move(
        "fastapi.openapi.models",
        (
            "OAuthFlows", "OAuthFlow", "OAuthFlowImplicit", "OAuthFlowPassword", "OAuthFlowClientCredentials",
            "OAuthFlowAuthorizationCode", "APIKey", "APIKeyIn", "HTTPBase", "HTTPBearer", "OAuth2", "OpenIdConnect",
            "SecurityBase", "SecuritySchemeType", "Example", "Contact", "License", "Server", "Tag",
            "ExternalDocumentation",
        ),
        "signette.openapi.models",
    ),
    Move("fastapi.testclient", ("TestClient",), "signette.testclient"),
    Move("fastapi.middleware", ("Middleware",), "signette.middleware"),
    Move("fastapi.middleware.cors", ("CORSMiddleware",), "signette.middleware.cors"),
    Move("fastapi.middleware.gzip", ("GZipMiddleware",), "signette.middleware.gzip"),
    Move("fastapi.middleware.httpsredirect", ("HTTPSRedirectMiddleware",), "signette.middleware.httpsredirect"),
    Move("fastapi.middleware.trustedhost", ("TrustedHostMiddleware",), "signette.middleware.trustedhost"),
    Move("fastapi.middleware.wsgi", ("WSGIMiddleware",), "signette.middleware.wsgi"),
    Move("fastapi.staticfiles", ("StaticFiles",), "signette.staticfiles"),
    Move("fastapi.templating", ("Jinja2Templates",), "signette.templating"),
    Move("fastapi.requests", ("Request", "HTTPConnection"), "signette.requests"),
    Move("fastapi.websockets", ("WebSocket", "WebSocketDisconnect", "WebSocketState"), "signette.websockets"),
    Move("fastapi.types", ("DecoratedCallable",), "signette.types"),
    Move("fastapi.background", ("BackgroundTasks",), "signette.background"),
    Move(
        "fastapi.concurrency",
        ("run_in_threadpool", "iterate_in_threadpool", "run_until_first_complete"),
        "signette.concurrency",
    ),
    Move(
        "fastapi.datastructures",
        ("UploadFile", "Address", "FormData", "Headers", "QueryParams", "State", "URL"),
        "signette.datastructures",
    ),
)  # fmt: skip

# Where each name of each module here comes from.
_ORIGINS = {(move.here, RENAMED.get(name, name)): (move.there, name) for move in reversed(MOVES) for name in move.names}


def as_fastapi(source: str) -> str:
    """The text of a module as it was before its imports were changed."""
    lines = source.splitlines(keepends=True)
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "signette":
            lines[node.lineno - 1 : node.end_lineno] = _imports(node)
    text = re.sub(r"^from examples\b", "from as_fastapi.examples", "".join(lines), flags=re.MULTILINE)
    for there, here in RENAMED.items():
        text = re.sub(rf"\b{here}\b", there, text)
    return text


def _imports(node: ast.ImportFrom) -> list[str]:
    origins = [(*_ORIGINS[str(node.module), alias.name], alias.asname) for alias in node.names]
    return [f"from {module} import {name}{f' as {known}' if known else ''}\n" for module, name, known in origins]
