"""Templates of Jinja2, rendered into responses.

Theory of operation. `TemplateResponse` is called on the event loop, where reading a file would block everybody. So the
templates of a directory are read when `Jinja2Templates` is made, and compiled from memory when they are first needed. A
file that came later is looked for when it is asked for; one that changed counts after a restart, unless
`auto_reload` says to look at the disk each time.

The one door to jinja2, which is optional.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from signette.background import BackgroundTask
from signette.datastructures.url import URL
from signette.requests import Request
from signette.responses.plain import HTMLResponse
from signette.types import Receive, Scope, Send

if TYPE_CHECKING:
    import jinja2
    from jinja2 import FileSystemLoader
else:
    try:
        import jinja2
        from jinja2 import FileSystemLoader
    except ModuleNotFoundError:  # told where templates are wanted: importing this module needs nothing
        jinja2, FileSystemLoader = None, object

Directory = str | os.PathLike[str]
ContextProcessor = Callable[[Request[Any]], Mapping[str, Any]]

# What is markup, and so has values escaped; also with an ending for editors behind it: `page.html.j2`.
_MARKUP = (".html", ".htm", ".xhtml", ".xml", ".svg")
_EDITORS_ENDINGS = (".j2", ".jinja", ".jinja2")

# A folder of templates is small; what else lies beside them is not read in advance.
_MOST_FILE_BYTES = 1024 * 1024
_MOST_BYTES = 16 * 1024 * 1024


def escapes(name: str | None) -> bool:
    """Whether values are escaped in a template of this name: in markup, and where no ending tells what it is."""
    if name is None:
        return True
    base = name.rpartition("/")[2].lower()
    for ending in _EDITORS_ENDINGS:
        base = base.removesuffix(ending)
    return base.endswith(_MARKUP) or "." not in base


class _TemplateResponse(HTMLResponse):
    """A rendered template, which tells a test client what it was made of: `template` and `context`."""

    def __init__(
        self,
        template: "jinja2.Template",
        context: dict[str, Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.template = template
        self.context = context
        super().__init__(template.render(context), status_code, headers, media_type, background)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "http.response.debug" in (scope.get("extensions") or ()):
            info = {"template": self.template, "context": self.context}
            await send({"type": "http.response.debug", "info": info})
        await super().__call__(scope, receive, send)


class Jinja2Templates:
    """Renders templates of a directory, or of several (the first that has it), or of an environment of your own.

    `context_processors` take the request and give values for every template; those of a call go before them.
    `url_for(name, **path_params)` is there in each template. Of a directory, values are escaped in markup: `.html`,
    `.htm`, `.xhtml`, `.xml`, `.svg`, with or without `.j2` behind it, and without any ending. `auto_reload` takes
    changed files into account at once, and blocks the event loop to look for them: for development.

    Raises:
        ImportError: jinja2 is not installed.
        AssertionError: neither a directory nor an environment was given, or both.
    """

    env: "jinja2.Environment"

    def __init__(
        self,
        directory: Directory | Sequence[Directory] | None = None,
        *,
        context_processors: Sequence[ContextProcessor] | None = None,
        env: "jinja2.Environment | None" = None,
        auto_reload: bool = False,
    ) -> None:
        # The class of exception, and the words, that users of this API know.
        if bool(directory) == bool(env):
            raise AssertionError("either 'directory' or 'env' arguments must be passed")
        if jinja2 is None:
            raise ImportError("jinja2 must be installed to use Jinja2Templates: `pip install 'signette[templates]'`")
        self.context_processors = list(context_processors or ())
        self.env = env or _environment_of(directory or (), auto_reload)
        self.env.globals.setdefault("url_for", jinja2.pass_context(url_for))

    def get_template(self, name: str) -> "jinja2.Template":
        """The template of that name. Raises `jinja2.TemplateNotFound`: there is none."""
        return self.env.get_template(name)

    def TemplateResponse(  # noqa: N802 - the documented name
        self,
        request: Request[Any],
        name: str,
        context: Mapping[str, Any] | None = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> _TemplateResponse:
        """The template, rendered with `request`, with what the context processors give, and with the context.

        Raises:
            jinja2.TemplateNotFound: there is no template of that name.
        """
        if isinstance(request, str):
            raise TypeError("The request comes first: TemplateResponse(request, name, context)")
        values: dict[str, Any] = {}
        for processor in self.context_processors:
            values.update(processor(request))
        values["request"] = request
        if context is not None:
            values.update(context)
        return _TemplateResponse(self.get_template(name), values, status_code, headers, media_type, background)


def url_for(context: Mapping[str, Any], name: str, /, **path_params: Any) -> URL:
    """The absolute URL of a route, as `request.url_for` gives it."""
    request: Request[Any] = context["request"]
    return request.url_for(name, **path_params)


class _ReadAhead(FileSystemLoader):
    """A loader that has its files in memory, and goes to the disk for others."""

    sources: Mapping[str, tuple[str, str]] = {}

    def get_source(self, environment: "jinja2.Environment", template: str) -> tuple[str, str, Callable[[], bool]]:
        known = None if environment.auto_reload else self.sources.get(template)
        return super().get_source(environment, template) if known is None else (*known, _may_have_changed)


def _may_have_changed() -> bool:
    """Whether a template is up to date: asked only where `auto_reload` was turned on later."""
    return False


def _environment_of(directory: Directory | Sequence[Directory], auto_reload: bool) -> "jinja2.Environment":
    loader = _ReadAhead(directory)
    if not auto_reload:
        loader.sources = dict(_read_ahead(loader.searchpath, loader.encoding))
    # By the kind of template: text in a mail is not markup.
    return jinja2.Environment(loader=loader, autoescape=escapes, auto_reload=auto_reload)


def _read_ahead(folders: Sequence[str], encoding: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Names and (text, path) of the files below the folders; of the same name, that of the first folder comes last."""
    left = _MOST_BYTES
    for folder in reversed(folders):
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)  # noqa: PTH118 - as jinja2 names it in tracebacks
                try:
                    text = _read_small_file(path, encoding)
                except (OSError, UnicodeDecodeError):
                    continue  # no template; asked for as one, it is an error then
                left -= len(text or "")
                if left < 0:
                    return
                if text is not None:
                    yield os.path.relpath(path, folder).replace(os.sep, "/"), (text, path)


def _read_small_file(path: str, encoding: str) -> str | None:
    found = os.stat(path)  # noqa: PTH116 - as above
    if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_FILE_BYTES:
        return None
    with open(path, encoding=encoding) as file:  # noqa: PTH123 - as above
        return file.read()
