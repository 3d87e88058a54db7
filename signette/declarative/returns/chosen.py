"""`response_class=`: the endpoint said which `Response` its results become."""

from typing import Any

from signette._http.json import loads
from signette.declarative.adapters.conformance import watched
from signette.declarative.adapters.dump import dumper
from signette.declarative.ir import Reply, ReturnKind
from signette.declarative.markers import MISSING
from signette.responses.plain import JSONResponse, Response
from signette.responses.redirect import RedirectResponse


def _takes(annotation: Any, reply: Reply) -> bool:
    return reply.response_class is not None and reply.response_class is not JSONResponse


def _make(annotation: Any, reply: Reply) -> Any:
    cls = reply.response_class
    if issubclass(cls, RedirectResponse):
        return lambda url: cls(url, status_code=reply.status)
    declared = annotation if annotation is not MISSING else Any
    if issubclass(cls, JSONResponse) and cls.render is JSONResponse.render:
        dump = watched(dumper(declared, reply.options), declared, reply.watch)

        def make_json(value: Any) -> Response:
            return Response(dump(value), reply.status, media_type=cls.media_type)

        return make_json
    if annotation is MISSING and not issubclass(cls, JSONResponse):
        return lambda value: cls(value, status_code=reply.status)
    prepare = watched(dumper(declared, reply.options), declared, reply.watch)

    def make_own(value: Any) -> Response:
        # What a class of the user's own renders is filtered like all else, and JSON when it comes to it.
        content = value if value is None or isinstance(value, str | bytes) else loads(prepare(value))
        response: Response = cls(content, status_code=reply.status)
        return response

    return make_own


CHOSEN = ReturnKind("chosen", takes=_takes, makes=_make)
