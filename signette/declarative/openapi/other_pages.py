"""Pages of Swagger UI, ReDoc and Scalar. Their files come from an installed package, a folder, or URLs."""

import re
from collections.abc import Mapping
from html import escape
from os import PathLike
from typing import Any
from urllib.parse import urlsplit

from signette.declarative.openapi.asset_packages import REDOC, SCALAR, SWAGGER_UI, Bundle
from signette.declarative.openapi.docs_page import Asset, DocsContext, hash_source, policy_of
from signette.declarative.openapi.page_html import (
    NO_ICON,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
    page_html,
    script_value,
)
from signette.responses.plain import HTMLResponse


class SwaggerUI:
    """A page of Swagger UI.

    Its files come from `script_url` and `style_url`, from `directory` (the folder of the npm package
    `swagger-ui-dist`), or from an installed package. `parameters` are configuration parameters of Swagger UI,
    `init_oauth` those of its `initOAuth`. `oauth2_redirect_url` is the page that authorization servers return to: a
    path of the application, or a name below the page; None for no such page.

    Raises:
        DocsAssetsNotFound: no installed package has the files.
        FileNotFoundError: the folder does not have them.
    """

    parameters: Mapping[str, Any] | None = None
    init_oauth: Mapping[str, Any] | None = None
    oauth2_redirect_url: str | None = "oauth2-redirect"

    def __init__(
        self,
        *,
        script_url: str | None = None,
        style_url: str | None = None,
        directory: str | PathLike[str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        init_oauth: Mapping[str, Any] | None = None,
        oauth2_redirect_url: str | None = "oauth2-redirect",
    ) -> None:
        if (script_url is None) != (style_url is None):
            raise TypeError("`SwaggerUI` needs both `script_url=` and `style_url=`, or neither")
        self._urls = [] if script_url is None or style_url is None else [script_url, style_url]
        self._files = _files(SWAGGER_UI, self._urls, directory)
        self.parameters = parameters
        self.init_oauth = init_oauth
        self.oauth2_redirect_url = oauth2_redirect_url

    @property
    def assets(self) -> Mapping[str, Asset]:
        """The script, the style, and the page that an authorization server returns to."""
        redirect = self.oauth2_redirect_url
        return self._files if redirect is None else {**self._files, redirect: _swagger_ui_redirect}

    def html(self, context: DocsContext) -> HTMLResponse:
        """The page with its Content-Security-Policy."""
        script, style = self._urls or map(context.asset_url, self._files)
        redirect = self.oauth2_redirect_url
        response = get_swagger_ui_html(
            openapi_url=context.document_url,
            title=context.title,
            swagger_js_url=script,
            swagger_css_url=style,
            oauth2_redirect_url=None if redirect is None else context.asset_url(redirect),
            init_oauth=self.init_oauth,
            swagger_ui_parameters=self.parameters,
        )
        return _with_policy(response, context, script, {"style-src": [_source(style)]})


class ReDoc:
    """A page of ReDoc.

    Its script comes from `script_url`, from `directory` (the folder `bundles` of the npm package `redoc`), or from an
    installed package. `options` are configuration options of ReDoc; unless they have other values, markup in
    descriptions is sanitized.

    Raises:
        DocsAssetsNotFound: no installed package has the script.
        FileNotFoundError: the folder does not have it.
    """

    def __init__(
        self,
        *,
        script_url: str | None = None,
        directory: str | PathLike[str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._url = script_url
        self.assets: Mapping[str, Asset] = _files(REDOC, [script_url] if script_url else [], directory)
        self.options = options

    def html(self, context: DocsContext) -> HTMLResponse:
        """The page with its Content-Security-Policy."""
        script = self._url or context.asset_url(next(iter(self.assets)))
        options = {**_REDOC_SAFE, **(self.options or {})}
        call = f"Redoc.init({script_value(context.document_url)}, {script_value(options)}, "
        response = _script_page(context, script, f'{call}document.getElementById("page"));')
        # ReDoc writes styles into the page, and searches in a worker.
        return _with_policy(response, context, script, {"style-src": ["'unsafe-inline'"], "worker-src": ["blob:"]})


class Scalar:
    """A page of Scalar.

    Its script comes from `script_url`, from `directory` (the folder `dist/browser` of the npm package
    `@scalar/api-reference`), or from an installed package. `configuration` is that of Scalar; unless it has other
    values, the page loads no fonts and sends no data to other hosts.

    Raises:
        DocsAssetsNotFound: no installed package has the script.
        FileNotFoundError: the folder does not have it.
    """

    def __init__(
        self,
        *,
        script_url: str | None = None,
        directory: str | PathLike[str] | None = None,
        configuration: Mapping[str, Any] | None = None,
    ) -> None:
        self._url = script_url
        self.assets: Mapping[str, Asset] = _files(SCALAR, [script_url] if script_url else [], directory)
        self.configuration = configuration

    def html(self, context: DocsContext) -> HTMLResponse:
        """The page with its Content-Security-Policy."""
        script = self._url or context.asset_url(next(iter(self.assets)))
        configuration = {"url": context.document_url, **_SCALAR_OFFLINE, **(self.configuration or {})}
        response = _script_page(context, script, f'Scalar.createApiReference("#page", {script_value(configuration)});')
        return _with_policy(response, context, script, {"style-src": ["'unsafe-inline'"]})


_REDOC_SAFE = {"sanitize": True, "untrustedSpec": True}  # the second is its old name
# What Scalar would otherwise request from the hosts of its makers.
_SCALAR_OFFLINE = {
    "withDefaultFonts": False,
    "telemetry": False,
    "agent": {"disabled": True},
    "mcp": {"disabled": True},
    "proxyUrl": "",
}


def _files(bundle: Bundle, urls: list[str], directory: str | PathLike[str] | None) -> dict[str, Asset]:
    """The files of a page; none if it loads them from URLs."""
    if urls and directory is not None:
        raise TypeError(f"the files of {bundle.page} are at a URL or in a folder; remove one of the arguments")
    if urls:
        return {}
    return {**(bundle.find() if directory is None else bundle.find_in(directory))}


def _swagger_ui_redirect() -> HTMLResponse:
    response = get_swagger_ui_oauth2_redirect_html()
    policy = policy_of({"script-src": _hashes(response), "img-src": ["data:"]})
    response.headers.update({"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"})
    return response


def _script_page(context: DocsContext, script_url: str, call: str) -> HTMLResponse:
    """A page with one script, and a call of it."""
    return page_html(
        context.title,
        NO_ICON,
        head="<style>body { margin: 0; }</style>",
        body=f'<div id="page"></div>\n<script src="{escape(script_url)}"></script>\n<script>\n{call}\n</script>',
    )


def _with_policy(
    response: HTMLResponse, context: DocsContext, script_url: str, sources: Mapping[str, list[str]]
) -> HTMLResponse:
    """The response with a Content-Security-Policy: no script but that of the page, no requests but to the API."""
    all_sources = {
        "script-src": [_source(script_url), *_hashes(response)],
        "connect-src": ["'self'", *context.origins],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        **sources,
    }
    response.headers["Content-Security-Policy"] = policy_of(all_sources)
    return response


def _hashes(response: HTMLResponse) -> list[str]:
    """The sources of the inline scripts of a page."""
    return list(map(hash_source, re.findall(r"<script>(.*?)</script>", bytes(response.body).decode(), re.DOTALL)))


def _source(url: str) -> str:
    """The source of a URL (CSP 3 §2.3.1): the page's own server, or exactly this URL."""
    parts = urlsplit(url)
    if not parts.netloc:
        return "'self'"
    path = parts.path.replace(";", "%3B").replace(",", "%2C")
    return f"{parts.scheme}://{parts.netloc}{path}" if parts.scheme else f"{parts.netloc}{path}"
