"""signette: the signature is the contract.

The public API. Each name is imported from its module on first use, so that `import signette` is fast, and applications
that use only the toolkit never import pydantic.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signette._version import __version__ as __version__
    from signette.app import App as App
    from signette.background import BackgroundTask as BackgroundTask
    from signette.background import BackgroundTasks as BackgroundTasks
    from signette.conditional import Conditional as Conditional
    from signette.conditional import RequiredConditional as RequiredConditional
    from signette.connection import HTTPConnection as HTTPConnection
    from signette.datastructures.upload import Upload as Upload
    from signette.datastructures.upload import UploadFile as UploadFile
    from signette.declarative.adapters.json_patch import JSONPatch as JSONPatch
    from signette.declarative.adapters.patch import Patch as Patch
    from signette.declarative.channels.channel import Channel as Channel
    from signette.declarative.inspection.explain import explain as explain
    from signette.declarative.routing.options import RouteOptions as RouteOptions
    from signette.declarative.routing.options import RouterOptions as RouterOptions
    from signette.declarative.routing.options import WebSocketOptions as WebSocketOptions
    from signette.declarative.routing.router import Router as Router
    from signette.declarative.routing.routes import TypedRoute as TypedRoute
    from signette.declarative.signature.executors import Interpreter as Interpreter
    from signette.declarative.signature.executors import Process as Process
    from signette.declarative.signature.executors import Thread as Thread
    from signette.declarative.signature.items import Items as Items
    from signette.declarative.signature.marker_functions import Body as Body
    from signette.declarative.signature.marker_functions import Cookie as Cookie
    from signette.declarative.signature.marker_functions import Depends as Depends
    from signette.declarative.signature.marker_functions import File as File
    from signette.declarative.signature.marker_functions import Form as Form
    from signette.declarative.signature.marker_functions import Header as Header
    from signette.declarative.signature.marker_functions import Path as Path
    from signette.declarative.signature.marker_functions import Query as Query
    from signette.declarative.signature.marker_functions import Security as Security
    from signette.declarative.signature.outcomes import Accepted as Accepted
    from signette.declarative.signature.outcomes import Created as Created
    from signette.declarative.signature.outcomes import NoContent as NoContent
    from signette.declarative.signature.outcomes import Ok as Ok
    from signette.declarative.signature.outcomes import Outcome as Outcome
    from signette.declarative.signature.outcomes import Raises as Raises
    from signette.declarative.signature.pages import Page as Page
    from signette.declarative.signature.tagged import Tagged as Tagged
    from signette.declarative.signature.topics import Topic as Topic
    from signette.declarative.sockets.socket import Socket as Socket
    from signette.declarative.streams.stream import Stream as Stream
    from signette.exceptions import HTTPException as HTTPException
    from signette.exceptions import WebSocketException as WebSocketException
    from signette.forms.sinks import To as To
    from signette.forms.stream import Parts as Parts
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
    "Channel",
    "Conditional",
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
    "Interpreter",
    "Items",
    "JSONPatch",
    "JSONResponse",
    "Limits",
    "Middleware",
    "Mount",
    "NoContent",
    "Ok",
    "Outcome",
    "Page",
    "Parts",
    "Patch",
    "Path",
    "PlainTextResponse",
    "Problem",
    "Process",
    "Query",
    "Raises",
    "RedirectResponse",
    "Request",
    "RequiredConditional",
    "Response",
    "Route",
    "RouteOptions",
    "Router",
    "RouterOptions",
    "Security",
    "Socket",
    "Stream",
    "StreamingResponse",
    "Tagged",
    "Thread",
    "To",
    "Topic",
    "TypedRoute",
    "Upload",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "WebSocketOptions",
    "WebSocketRoute",
    "__version__",
    "explain",
]

# The module of each name, as in the block for type checkers above; tests/test_public_names.py compares the two.
_MODULES = {
    "__version__": "signette._version",
    "App": "signette.app",
    "Router": "signette.declarative.routing.router",
    "RouteOptions": "signette.declarative.routing.options",
    "RouterOptions": "signette.declarative.routing.options",
    "WebSocketOptions": "signette.declarative.routing.options",
    "TypedRoute": "signette.declarative.routing.routes",
    "BackgroundTask": "signette.background",
    "BackgroundTasks": "signette.background",
    "Upload": "signette.datastructures.upload",
    "UploadFile": "signette.datastructures.upload",
    "JSONPatch": "signette.declarative.adapters.json_patch",
    "Patch": "signette.declarative.adapters.patch",
    "Channel": "signette.declarative.channels.channel",
    "Socket": "signette.declarative.sockets.socket",
    "Topic": "signette.declarative.signature.topics",
    "Items": "signette.declarative.signature.items",
    "Stream": "signette.declarative.streams.stream",
    "Interpreter": "signette.declarative.signature.executors",
    "Process": "signette.declarative.signature.executors",
    "Thread": "signette.declarative.signature.executors",
    "Depends": "signette.declarative.signature.marker_functions",
    "Security": "signette.declarative.signature.marker_functions",
    "explain": "signette.declarative.inspection.explain",
    "Body": "signette.declarative.signature.marker_functions",
    "Cookie": "signette.declarative.signature.marker_functions",
    "File": "signette.declarative.signature.marker_functions",
    "Form": "signette.declarative.signature.marker_functions",
    "Header": "signette.declarative.signature.marker_functions",
    "Path": "signette.declarative.signature.marker_functions",
    "Query": "signette.declarative.signature.marker_functions",
    "Accepted": "signette.declarative.signature.outcomes",
    "Created": "signette.declarative.signature.outcomes",
    "NoContent": "signette.declarative.signature.outcomes",
    "Ok": "signette.declarative.signature.outcomes",
    "Outcome": "signette.declarative.signature.outcomes",
    "Page": "signette.declarative.signature.pages",
    "Raises": "signette.declarative.signature.outcomes",
    "Tagged": "signette.declarative.signature.tagged",
    "HTTPException": "signette.exceptions",
    "WebSocketException": "signette.exceptions",
    "To": "signette.forms.sinks",
    "Parts": "signette.forms.stream",
    "Limits": "signette.limits",
    "Middleware": "signette.middleware.registry",
    "Problem": "signette.problems",
    "Conditional": "signette.conditional",
    "RequiredConditional": "signette.conditional",
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

if not TYPE_CHECKING:  # with this `__getattr__`, type checkers would accept any misspelt name

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(
                f"module {__name__!r} has no attribute {name!r}", name=name, obj=import_module(__name__)
            )
        value = globals()[name] = getattr(import_module(module), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
