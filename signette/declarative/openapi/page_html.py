"""The HTML of pages of Swagger UI and ReDoc, which load their scripts from the URLs that you pass."""

from collections.abc import Mapping
from html import escape
from typing import Any

from signette._http import json
from signette.responses.plain import HTMLResponse

_CDN = "https://cdn.jsdelivr.net/npm"
_FONTS = "https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700"
# No icon: the page of an API needs none, and no other host is asked for one.
NO_ICON = "data:,"

swagger_ui_default_parameters: dict[str, Any] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}
"""The configuration of Swagger UI, unless `swagger_ui_parameters` has other values."""


def get_swagger_ui_html(
    *,
    openapi_url: str,
    title: str,
    swagger_js_url: str = f"{_CDN}/swagger-ui-dist@5/swagger-ui-bundle.js",
    swagger_css_url: str = f"{_CDN}/swagger-ui-dist@5/swagger-ui.css",
    swagger_favicon_url: str = NO_ICON,
    oauth2_redirect_url: str | None = None,
    init_oauth: Mapping[str, Any] | None = None,
    swagger_ui_parameters: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """A page of Swagger UI for the document at `openapi_url`.

    `swagger_ui_parameters` are configuration parameters of Swagger UI, `init_oauth` those of its `initOAuth`. At
    `oauth2_redirect_url`, a path of this application, serve `get_swagger_ui_oauth2_redirect_html()`.
    """
    settings = {"url": openapi_url, **swagger_ui_default_parameters, **(swagger_ui_parameters or {})}
    redirect = "" if oauth2_redirect_url is None else script_value(oauth2_redirect_url)
    script = "\n".join(
        (
            f"const settings = {script_value(settings)};",
            "settings.presets = [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset];",
            f"settings.oauth2RedirectUrl = window.location.origin + {redirect};" if redirect else "",
            "const ui = SwaggerUIBundle(settings);",
            f"ui.initOAuth({script_value(init_oauth)});" if init_oauth else "",
        )
    )
    return page_html(
        title,
        swagger_favicon_url,
        head=f'<link rel="stylesheet" href="{escape(swagger_css_url)}">',
        body=f'<div id="swagger-ui"></div>\n<script src="{escape(swagger_js_url)}"></script>\n'
        f"<script>\n{script}\n</script>",
    )


def get_redoc_html(
    *,
    openapi_url: str,
    title: str,
    redoc_js_url: str = f"{_CDN}/redoc@2/bundles/redoc.standalone.js",
    redoc_favicon_url: str = NO_ICON,
    with_google_fonts: bool = True,
) -> HTMLResponse:
    """A page of ReDoc for the document at `openapi_url`."""
    fonts = f'<link rel="stylesheet" href="{escape(_FONTS)}">\n' if with_google_fonts else ""
    return page_html(
        title,
        redoc_favicon_url,
        head=f"{fonts}<style>body {{ margin: 0; }}</style>",
        body=f'<redoc spec-url="{escape(openapi_url)}"></redoc>\n'
        "<noscript>ReDoc needs JavaScript to show the API.</noscript>\n"
        f'<script src="{escape(redoc_js_url)}"></script>',
    )


def get_swagger_ui_oauth2_redirect_html() -> HTMLResponse:
    """The page to which an authorization server returns a popup of Swagger UI (OAuth 2.0, RFC 6749 §4.1.2).

    It passes the code, or the token, to the page that opened it, and closes. A `state` that was not sent by that page
    is an error (RFC 6749 §10.12).
    """
    return page_html("Authorization", NO_ICON, head="", body=f"<script>\n{_REDIRECT}\n</script>")


# `swaggerUIRedirectOauth2` is what Swagger UI leaves in its window for this page: the request, and two callbacks.
_REDIRECT = """\
const request = window.opener.swaggerUIRedirectOauth2;
const { auth, redirectUrl } = request;
const fragment = window.location.hash.slice(1);
const received = Object.fromEntries(new URLSearchParams(fragment.includes("=") ? fragment : window.location.search));
const isValid = received.state === request.state;
const fail = (message) => request.errCb({ authId: auth.name, source: "auth", level: "error", message });
if (!isValid) {
  fail("The authorization server returned another state than the one that was sent.");
} else if (!["accessCode", "authorizationCode", "authorization_code"].includes(auth.schema.get("flow"))) {
  request.callback({ auth, token: received, isValid, redirectUrl });
} else if (received.code) {
  delete request.state;
  auth.code = received.code;
  request.callback({ auth, redirectUrl });
} else {
  fail([received.error ?? "The authorization server returned no code", received.error_description]
    .filter(Boolean).join(": "));
}
window.close();"""


def page_html(title: str, icon: str, *, head: str, body: str) -> HTMLResponse:
    """A page of HTML with a title, an icon and what is in its head and body."""
    return HTMLResponse(
        f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="{escape(icon)}">
{head}
</head>
<body>
{body}
</body>
</html>
"""
    )


def script_value(value: Any) -> str:
    """The value as JSON that can be part of a script: `</script>` in a text does not end it."""
    text = json.dumps(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
