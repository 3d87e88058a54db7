"""Redirect responses."""

from collections.abc import Mapping
from urllib.parse import quote

from signette.background import BackgroundTask
from signette.datastructures.url import URL
from signette.responses.plain import Response

# Characters that stay unquoted in a URL (RFC 3986 §2.2), and `%`, so that escapes stay unchanged.
_URL_TEXT = ":/%#?=@[]!$&'()*+,;"


class RedirectResponse(Response):
    """Redirects the client to `url`: an absolute URL, a path, or a relative URL.

    Percent-encodes all characters that are invalid in a URL. So `url` cannot add headers, and a path cannot lead to
    another host: browsers drop tabs and line ends and treat a backslash as a slash, which would turn
    `/\\evil.example` or `/<TAB>/evil.example` into `//evil.example`. A `url` that *begins* with `//` or with a scheme
    has a host, and is sent unchanged: check it if it comes from a client.
    """

    def __init__(
        self,
        url: str | URL,
        status_code: int = 307,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(b"", status_code, headers, None, background)
        # `surrogatepass` quotes lone surrogates instead of raising.
        location = quote(str(url), safe=_URL_TEXT, errors="surrogatepass")
        others = [field for field in self._fields if field[0] != b"location"]
        self._fields = [*others, (b"location", location.encode("ascii"))]
