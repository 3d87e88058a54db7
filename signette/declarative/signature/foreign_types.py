"""Objects of the classes that Starlette and FastAPI inject, made of those of signette.

Theory of operation. A parameter that is annotated with such a class is planned as if it were annotated with the class
of the same name of signette. Where the callable is called, its argument is converted: it gets an object of the class
that it asks for, whose state is that of signette's object. So a body can be read by both, and header fields that both
set are sent.
"""

from collections.abc import AsyncIterator, Callable, Generator
from functools import lru_cache
from typing import Any, get_args
from weakref import ref

from signette._frameworks import is_loaded, loaded_class
from signette.background import BackgroundTasks
from signette.datastructures.upload import UploadFile
from signette.declarative.signature.depends import SecurityScopes
from signette.requests import HTTPConnection, Request
from signette.responses.plain import Response
from signette.websockets import WebSocket, WebSocketState

Convert = Callable[[Any], Any]

_PACKAGES = ("starlette", "fastapi")


def base_of(cls: Any) -> type | None:
    """The class of Starlette or FastAPI that is injected, of which this class is or is derived from."""
    if not is_loaded("starlette"):
        return None
    for base in getattr(cls, "__mro__", ()):
        if base.__module__.partition(".")[0] in _PACKAGES and base.__name__ in _CONVERT:
            found: type = base
            return found
    return None


def own_class(cls: type) -> type:
    """The class of signette for a class that `base_of` has returned."""
    return _CONVERT[cls.__name__][0]


def converter(cls: type) -> Convert:
    """A function that makes an object of the class from signette's. It passes other values, and converts lists."""
    own, make = _CONVERT[cls.__name__]

    def convert(value: Any) -> Any:
        if isinstance(value, own):
            return _remembered(value, cls, make)
        if isinstance(value, list):
            return [convert(each) for each in value]
        return value

    return convert


class _Converted:
    """An object of another framework, which is kept without a cycle: a reference to it is weak.

    Its attributes are kept, so that those which one callable sets are there for the next one. `_own` is not among
    them, because it is a slot.
    """

    __slots__ = ("_attributes", "_class", "_reference")

    def __init__(self, converted: Any) -> None:
        self._reference: ref[Any] = ref(converted)
        self._class: type = type(converted)
        self._attributes: dict[str, Any] = converted.__dict__

    def get(self, own: Any) -> Any:
        """The object. If no callable has kept it, it is made again."""
        found: Any = self._reference()
        if found is None:
            found = object.__new__(self._class)
            found.__dict__ = self._attributes
            if issubclass(self._class, _Shared):
                found._own = own
            self._reference = ref(found)
        return found


class _Shared:
    """An object whose state is that of signette's object, `_own`."""

    __slots__ = ("_own",)

    _own: Any


def _remembered(value: Any, cls: type, make: Callable[[type, Any], Any]) -> Any:
    """The object for a value: the same one for all callables of a request."""
    attributes = getattr(value, "__dict__", None)
    if attributes is None:  # an uploaded file, whose state is that of the open file
        return make(cls, value)
    known = attributes.setdefault("_converted", {})
    if cls in known:
        return known[cls].get(value)
    converted = make(cls, value)
    known[cls] = _Converted(converted)
    return converted


def _request(cls: type, own: Request) -> Any:
    return _request_class(cls)(own)


@lru_cache(maxsize=16)
def _request_class(cls: Any) -> Any:
    class SharedRequest(_Shared, cls):  # type: ignore[misc]  # a class of another package
        """A request whose body and form are those of signette's."""

        _own: Request

        def __init__(self, own: Request) -> None:
            super().__init__(own.scope, own._receive, own._send)
            self._own = own

        async def body(self) -> bytes:
            return await self._own.body()

        async def stream(self) -> AsyncIterator[bytes]:
            async for chunk in self._own.stream():
                yield chunk

        def form(self, **limits: Any) -> Any:
            return _SharedForm(self._own.form(**limits))

        async def close(self) -> None:
            await self._own.close()

        async def is_disconnected(self) -> bool:
            return await self._own.is_disconnected()

    return _renamed(SharedRequest, cls)


class _SharedForm:
    """A form that is awaited or used as a context manager, with the uploaded files of Starlette."""

    def __init__(self, own: Any) -> None:
        self._own = own

    def __await__(self) -> Generator[Any, None, Any]:
        form = yield from self._own.__await__()
        return _form(form)

    async def __aenter__(self) -> Any:
        return _form(await self._own.__aenter__())

    async def __aexit__(self, *exc: object) -> None:
        await self._own.__aexit__(*exc)


def _form(own: Any) -> Any:
    upload: Any = loaded_class("starlette.datastructures", "UploadFile")
    form: Any = loaded_class("starlette.datastructures", "FormData")
    pairs = own.multi_items()
    return form([(name, _upload(upload, each) if isinstance(each, UploadFile) else each) for name, each in pairs])


def _connection(cls: Any, own: HTTPConnection) -> Any:
    return cls(own.scope)


def _websocket(cls: type, own: WebSocket) -> Any:
    return _websocket_class(cls)(own)


@lru_cache(maxsize=16)
def _websocket_class(cls: Any) -> Any:
    state: Any = loaded_class("starlette.websockets", "WebSocketState")

    def shared(name: str) -> Any:
        def read(self: Any) -> Any:
            return state[getattr(self._own, name).name]

        def write(self: Any, value: Any) -> None:
            if self._is_ready:
                setattr(self._own, name, WebSocketState[value.name])

        return property(read, write)

    class SharedWebSocket(_Shared, cls):  # type: ignore[misc]  # a class of another package
        """A WebSocket whose state is that of signette's."""

        _is_ready = False
        client_state = shared("client_state")
        application_state = shared("application_state")

        def __init__(self, own: WebSocket) -> None:
            self._own = own
            super().__init__(own.scope, *own._channels())
            self._is_ready = True

    return _renamed(SharedWebSocket, cls)


def _response(cls: type, own: Response) -> Any:
    return _response_class(cls)(own)


@lru_cache(maxsize=16)
def _response_class(cls: Any) -> Any:
    class SharedResponse(_Shared, cls):  # type: ignore[misc]  # a class of another package
        """A response whose status and header fields are those of signette's."""

        def __init__(self, own: Response) -> None:
            self._own = None
            super().__init__()
            self.raw_headers = own.raw_headers  # the same list
            self.__dict__.pop("_headers", None)
            self._own = own

        @property
        def status_code(self) -> int | None:
            return 200 if self._own is None else self._own.status_code or None

        @status_code.setter
        def status_code(self, status: int | None) -> None:
            if self._own is not None:
                self._own.status_code = status or 0

    return _renamed(SharedResponse, cls)


def _tasks(cls: type, own: BackgroundTasks) -> Any:
    return _tasks_class(cls)(own)


@lru_cache(maxsize=16)
def _tasks_class(cls: Any) -> Any:
    class SharedTasks(_Shared, cls):  # type: ignore[misc]  # a class of another package
        """Background tasks that are added to those of signette."""

        def __init__(self, own: BackgroundTasks) -> None:
            self._own = own
            super().__init__()

        @property
        def tasks(self) -> Any:
            return self._own.tasks

        @tasks.setter
        def tasks(self, tasks: Any) -> None:
            """Ignore the list that the constructor makes."""

        def add_task(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
            self._own.add_task(func, *args, **kwargs)

    return _renamed(SharedTasks, cls)


def _upload(cls: Any, own: UploadFile) -> Any:
    headers: Any = loaded_class("starlette.datastructures", "Headers")
    return cls(file=own.file, size=own.size, filename=own.filename, headers=headers(raw=list(own.headers.raw)))


def _scopes(cls: Any, own: SecurityScopes) -> Any:
    return cls(scopes=own.scopes)


def _renamed(cls: type, original: type) -> type:
    cls.__name__, cls.__qualname__, cls.__module__ = original.__name__, original.__qualname__, original.__module__
    return cls


_CONVERT: dict[str, tuple[type, Callable[[Any, Any], Any]]] = {
    "Request": (Request, _request),
    "HTTPConnection": (HTTPConnection, _connection),
    "WebSocket": (WebSocket, _websocket),
    "Response": (Response, _response),
    "BackgroundTasks": (BackgroundTasks, _tasks),
    "UploadFile": (UploadFile, _upload),
    "SecurityScopes": (SecurityScopes, _scopes),
}


def class_in(annotation: Any) -> type | None:
    """The class of Starlette or FastAPI in `T`, `list[T]`, and unions of these with `None`."""
    found = base_of(annotation)
    return found or next((found for each in get_args(annotation) if (found := class_in(each)) is not None), None)
