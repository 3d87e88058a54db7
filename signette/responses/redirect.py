"""The response that sends a client elsewhere."""

from collections.abc import Mapping
from urllib.parse import quote

from signette.background import BackgroundTask
from signette.datastructures.url import URL
from signette.responses.plain import Response

# What a URL may hold unquoted (RFC 3986 §2.2), and `%`, so that what is quoted already stays as it is.
_URL_TEXT = ":/%#?=@[]!$&'()*+,;"


class RedirectResponse(Response):
    """Sends the client to `url`, which may be absolute, a path, or relative to the page.

    Whatever is not URL text is percent-encoded. So nothing in `url` can split the response, and no path
    becomes another host by way of the reader: browsers drop tabs and line ends and take a back slash for a
    slash, which would turn `/\\evil.example` or `/<TAB>/evil.example` into `//evil.example`;
    percent-encoded, they remain parts of a path on this host. A `url` that *begins* with `//`, or with a
    scheme, names a host, and is sent as it was given: check where it leads if it came from a client.
    """

    def __init__(
        self,
        url: str | URL,
        status_code: int = 307,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(b"", status_code, headers, None, background)
        # `surrogatepass`: a lone surrogate is quoted like any other character; it must not fail the request.
        location = quote(str(url), safe=_URL_TEXT, errors="surrogatepass")
        self.raw_headers = [field for field in self.raw_headers if field[0] != b"location"]
        self.raw_headers.append((b"location", location.encode("ascii")))
