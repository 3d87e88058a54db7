"""`response_class=`: the endpoint said which `Response` its results become."""

from typing import Any

from signette.declarative.adapters.dump import dumper
from signette.declarative.ir import Reply, ReturnKind
from signette.responses.plain import JSONResponse, Response
from signette.responses.redirect import RedirectResponse


def _takes(annotation: Any, reply: Reply) -> bool:
    return reply.response_class is not None and reply.response_class is not JSONResponse


def _make(annotation: Any, reply: Reply) -> Any:
    cls = reply.response_class
    if issubclass(cls, RedirectResponse):
        return lambda url: cls(url, status_code=reply.status)
    if issubclass(cls, JSONResponse) and cls.render is JSONResponse.render:
        dump = dumper(annotation, reply.options)

        def make_json(value: Any) -> Response:
            return Response(dump(value), reply.status, media_type=cls.media_type)

        return make_json
    return lambda value: cls(value, status_code=reply.status)


CHOSEN = ReturnKind("chosen", takes=_takes, makes=_make)
