"""signette: the signature is the contract.

The face of the package. It hands names on from the files that define them, each at its first use, and defines
nothing: `import signette` costs nothing, and who uses the toolkit alone never loads pydantic.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signette._version import __version__ as __version__
    from signette.app import App as App
    from signette.background import BackgroundTask as BackgroundTask
    from signette.background import BackgroundTasks as BackgroundTasks
    from signette.connection import HTTPConnection as HTTPConnection
    from signette.datastructures.upload import UploadFile as UploadFile
    from signette.declarative.depends import Depends as Depends
    from signette.declarative.depends import Security as Security
    from signette.declarative.explain import explain as explain
    from signette.declarative.marking import Body as Body
    from signette.declarative.marking import Cookie as Cookie
    from signette.declarative.marking import File as File
    from signette.declarative.marking import Form as Form
    from signette.declarative.marking import Header as Header
    from signette.declarative.marking import Path as Path
    from signette.declarative.marking import Query as Query
    from signette.declarative.outcomes import Accepted as Accepted
    from signette.declarative.outcomes import Created as Created
    from signette.declarative.outcomes import NoContent as NoContent
    from signette.declarative.outcomes import Ok as Ok
    from signette.declarative.outcomes import Raises as Raises
    from signette.declarative.router import Router as Router
    from signette.exceptions import HTTPException as HTTPException
    from signette.exceptions import WebSocketException as WebSocketException
    from signette.limits import Limits as Limits
    from signette.middleware.registry import Middleware as Middleware
    from signette.problems import Problem as Problem
    from signette.requests import Request as Request
    from signette.responses.events import EventSourceResponse as EventSourceResponse
    from signette.responses.file import FileResponse as FileResponse
    from signette.responses.plain import HTMLResponse as HTMLResponse
    from signette.responses.plain import JSONResponse as JSONResponse
    from signette.responses.plain import PlainTextResponse as PlainTextResponse
    from signette.responses.plain import Response as Response
    from signette.responses.redirect import RedirectResponse as RedirectResponse
    from signette.responses.streaming import StreamingResponse as StreamingResponse
    from signette.routing.host import Host as Host
    from signette.routing.mount import Mount as Mount
    from signette.routing.route import Route as Route
    from signette.routing.websocket import WebSocketRoute as WebSocketRoute
    from signette.websockets import WebSocket as WebSocket
    from signette.websockets import WebSocketDisconnect as WebSocketDisconnect

__all__ = [
    "Accepted",
    "App",
    "BackgroundTask",
    "BackgroundTasks",
    "Body",
    "Cookie",
    "Created",
    "Depends",
    "EventSourceResponse",
    "File",
    "FileResponse",
    "Form",
    "HTMLResponse",
    "HTTPConnection",
    "HTTPException",
    "Header",
    "Host",
    "JSONResponse",
    "Limits",
    "Middleware",
    "Mount",
    "NoContent",
    "Ok",
    "Path",
    "PlainTextResponse",
    "Problem",
    "Query",
    "Raises",
    "RedirectResponse",
    "Request",
    "Response",
    "Route",
    "Router",
    "Security",
    "StreamingResponse",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "WebSocketRoute",
    "__version__",
    "explain",
]

# Where each name is defined, as in the block for checkers above; tests/test_public_names.py compares the two.
_HOMES = {
    "__version__": "signette._version",
    "App": "signette.app",
    "Router": "signette.declarative.router",
    "BackgroundTask": "signette.background",
    "BackgroundTasks": "signette.background",
    "UploadFile": "signette.datastructures.upload",
    "Depends": "signette.declarative.depends",
    "Security": "signette.declarative.depends",
    "explain": "signette.declarative.explain",
    "Body": "signette.declarative.marking",
    "Cookie": "signette.declarative.marking",
    "File": "signette.declarative.marking",
    "Form": "signette.declarative.marking",
    "Header": "signette.declarative.marking",
    "Path": "signette.declarative.marking",
    "Query": "signette.declarative.marking",
    "Accepted": "signette.declarative.outcomes",
    "Created": "signette.declarative.outcomes",
    "NoContent": "signette.declarative.outcomes",
    "Ok": "signette.declarative.outcomes",
    "Raises": "signette.declarative.outcomes",
    "HTTPException": "signette.exceptions",
    "WebSocketException": "signette.exceptions",
    "Limits": "signette.limits",
    "Middleware": "signette.middleware.registry",
    "Problem": "signette.problems",
    "HTTPConnection": "signette.connection",
    "Request": "signette.requests",
    "EventSourceResponse": "signette.responses.events",
    "FileResponse": "signette.responses.file",
    "HTMLResponse": "signette.responses.plain",
    "JSONResponse": "signette.responses.plain",
    "PlainTextResponse": "signette.responses.plain",
    "RedirectResponse": "signette.responses.redirect",
    "Response": "signette.responses.plain",
    "StreamingResponse": "signette.responses.streaming",
    "Host": "signette.routing.host",
    "Mount": "signette.routing.mount",
    "Route": "signette.routing.route",
    "WebSocketRoute": "signette.routing.websocket",
    "WebSocket": "signette.websockets",
    "WebSocketDisconnect": "signette.websockets",
}

if not TYPE_CHECKING:  # a checker that saw this `__getattr__` would take every misspelt name for `Any`

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(
                f"module {__name__!r} has no attribute {name!r}", name=name, obj=import_module(__name__)
            )
        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
