"""The API docs of signette: a page without external resources."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cache
from html import escape
from importlib.resources import files

from signette._dataclasses import dataclass
from signette._patterns import lazy_pattern
from signette.declarative.openapi.docs_page import Asset, DocsContext, hash_source, policy_of
from signette.responses.plain import HTMLResponse

# The parts of the script, in order.
SCRIPTS = (
    "dom", "contract", "schema", "token", "login", "security", "fields", "request", "response", "plan", "operation",
    "search", "page",
)  # fmt: skip
REDIRECT = "oauth2-redirect"
"""Where an authorization server returns to, below the page."""

_PLACEHOLDER = lazy_pattern(r"{{(\w+)}}")


@dataclass(frozen=True, slots=True)
class BuiltInDocs:
    """The API docs of signette, which load nothing from other hosts.

    `client_id` and `scopes` fill in the login of the OAuth 2 schemes: the id of a public client, as everybody who
    opens the page can read it, and the scopes to request at first. Without `scopes` all are selected.
    """

    client_id: str = ""
    scopes: Sequence[str] | None = None
    assets: Mapping[str, Asset] = field(default_factory=lambda: {REDIRECT: redirect_page}, init=False, compare=False)

    def html(self, context: DocsContext) -> HTMLResponse:
        """The page with its Content-Security-Policy."""
        values = {
            "title": context.title,
            "openapi_url": context.document_url,
            "redirect_url": context.asset_url(REDIRECT),
            "plans_url": context.plans_url or "",
            "asyncapi_url": context.asyncapi_url or "",
            "client_id": self.client_id,
            "scopes": "*" if self.scopes is None else " ".join(self.scopes),
        }
        template = page_template()
        policy = "; ".join((template.policy, " ".join(("connect-src 'self'", *context.origins))))
        return HTMLResponse(template.fill(values), headers={"Content-Security-Policy": policy})


@dataclass(frozen=True, slots=True)
class Template:
    """A page with placeholders such as `{{title}}`, and its Content-Security-Policy."""

    html: str
    policy: str

    def fill(self, values: Mapping[str, str]) -> str:
        """The page with its placeholders replaced by escaped values. Placeholders in values are not replaced."""
        return _PLACEHOLDER.sub(lambda match: escape(values[match[1]]), self.html)


def redirect_page() -> HTMLResponse:
    """The page that an authorization server returns to. It passes the response to the API docs, and closes."""
    template = _template("redirect.html", _read("redirect.css"), _read("scripts/redirect.js"))
    # The URL has a code, which no other server may see.
    headers = {
        "Content-Security-Policy": template.policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(template.html, headers=headers)


@cache
def page_template() -> Template:
    """The page with its style and script. Read once, so that the hashes match what is sent."""
    return _template("docs.html", _read("docs.css"), "\n".join(_read(f"scripts/{name}.js") for name in SCRIPTS))


def _template(name: str, style: str, script: str) -> Template:
    parts = {"style": style, "script": script}
    html = _PLACEHOLDER.sub(lambda match: parts.get(match[1], match[0]), _read(name))
    return Template(html, _policy(style, script))


def _read(name: str) -> str:
    return (files("signette.declarative.openapi") / "assets" / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """The Content-Security-Policy: only the page's own style and script, no other resources, no markup from text."""
    return policy_of(
        {
            "style-src": [hash_source(style)],
            "script-src": [hash_source(script)],
            "img-src": ["data:", "blob:"],  # a response may be an image
            "require-trusted-types-for": ["'script'"],
            "trusted-types": ["'none'"],
        }
    )
