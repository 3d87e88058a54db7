"""Responses from Jinja2 templates.

Theory of operation. `TemplateResponse` is called on the event loop, where reading a file blocks all requests. So
`Jinja2Templates` reads the templates of a directory when it is created, and compiles them from memory on first use. A
file that is added later is read on first use. A changed file is used after a restart, or with `auto_reload`, which
checks the disk each time.

This module is the adapter to jinja2, which is optional.
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
    except ModuleNotFoundError:  # `Jinja2Templates` raises ImportError: importing this module needs no jinja2
        jinja2, FileSystemLoader = None, object

Directory = str | os.PathLike[str]
ContextProcessor = Callable[[Request[Any]], Mapping[str, Any]]

# The suffixes of markup, in which values are escaped. A suffix for editors may follow: `page.html.j2`.
_MARKUP = (".html", ".htm", ".xhtml", ".xml", ".svg")
_EDITOR_SUFFIXES = (".j2", ".jinja", ".jinja2")

# Directories of templates are small. Other, larger files in them are not read in advance.
_MAX_FILE_BYTES = 1024 * 1024
_MAX_TOTAL_BYTES = 16 * 1024 * 1024


def escapes(name: str | None) -> bool:
    """Whether values are escaped in the template `name`: if it is markup, or has no suffix."""
    if name is None:
        return True
    base = name.rpartition("/")[2].lower()
    for suffix in _EDITOR_SUFFIXES:
        base = base.removesuffix(suffix)
    return base.endswith(_MARKUP) or "." not in base


class _TemplateResponse(HTMLResponse):
    """A rendered template. The test client's response has its `template` and `context`."""

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
    """Renders templates of a directory, of several directories, or of a jinja2 environment.

    With several directories, the first one that has the template is used. `context_processors` are functions that take
    the request and return values for all templates; the context of a call overrides them. Templates can call
    `url_for(name, **path_params)`. In templates of a directory, values are escaped in markup (`.html`, `.htm`,
    `.xhtml`, `.xml`, `.svg`, also followed by `.j2`) and in templates without a suffix. `auto_reload` uses changed
    files at once; it checks for them on the event loop, so use it for development only.

    Raises:
        ImportError: jinja2 is not installed.
        AssertionError: neither a directory nor an environment was passed, or both.
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
        # The exception and the message of Starlette.
        if bool(directory) == bool(env):
            raise AssertionError("either 'directory' or 'env' arguments must be passed")
        if jinja2 is None:
            raise ImportError("jinja2 must be installed to use Jinja2Templates: `pip install 'signette[templates]'`")
        self.context_processors = list(context_processors or ())
        self.env = env or _environment_of(directory or (), auto_reload)
        self.env.globals.setdefault("url_for", jinja2.pass_context(url_for))

    def get_template(self, name: str) -> "jinja2.Template":
        """The template `name`. Raises `jinja2.TemplateNotFound` if it does not exist."""
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
        """Render the template `name` with the values of the context processors, `request`, and the context.

        Raises:
            jinja2.TemplateNotFound: the template does not exist.
        """
        if isinstance(request, str):
            raise TypeError("The request must be the first argument: TemplateResponse(request, name, context)")
        values: dict[str, Any] = {}
        for processor in self.context_processors:
            values.update(processor(request))
        values["request"] = request
        if context is not None:
            values.update(context)
        return _TemplateResponse(self.get_template(name), values, status_code, headers, media_type, background)


def url_for(context: Mapping[str, Any], name: str, /, **path_params: Any) -> URL:
    """The absolute URL of a route: `request.url_for` for templates."""
    request: Request[Any] = context["request"]
    return request.url_for(name, **path_params)


class _CachedLoader(FileSystemLoader):
    """A loader with files in memory, which reads only other files from disk."""

    sources: Mapping[str, tuple[str, str]] = {}

    def get_source(self, environment: "jinja2.Environment", template: str) -> tuple[str, str, Callable[[], bool]]:
        cached = None if environment.auto_reload else self.sources.get(template)
        return super().get_source(environment, template) if cached is None else (*cached, _is_up_to_date)


def _is_up_to_date() -> bool:
    """Report a cached template as outdated. jinja2 asks only if `auto_reload` was turned on later."""
    return False


def _environment_of(directory: Directory | Sequence[Directory], auto_reload: bool) -> "jinja2.Environment":
    loader = _CachedLoader(directory)
    if not auto_reload:
        loader.sources = dict(_read_templates(loader.searchpath, loader.encoding))
    # By the name of the template: the text of a mail is not markup.
    return jinja2.Environment(loader=loader, autoescape=escapes, auto_reload=auto_reload)


def _read_templates(directories: Sequence[str], encoding: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Names and (text, path) of the files in the directories; files of the first directory come last."""
    remaining_bytes = _MAX_TOTAL_BYTES
    for directory in reversed(directories):
        for parent, _, names in os.walk(directory):
            for name in names:
                path = os.path.join(parent, name)  # noqa: PTH118 - as jinja2 shows it in tracebacks
                try:
                    text = _read_small_file(path, encoding)
                except (OSError, UnicodeDecodeError):
                    continue  # not a template; rendering it raises the error
                remaining_bytes -= len(text or "")
                if remaining_bytes < 0:
                    return
                if text is not None:
                    yield os.path.relpath(path, directory).replace(os.sep, "/"), (text, path)


def _read_small_file(path: str, encoding: str) -> str | None:
    status = os.stat(path)  # noqa: PTH116 - as above
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_FILE_BYTES:
        return None
    with open(path, encoding=encoding) as file:  # noqa: PTH123 - as above
        return file.read()
