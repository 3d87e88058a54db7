"""Cookie parameters."""

from signette._http.cookies import parse_cookies
from signette.declarative.signature.markers import Cookie
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.row import QuickOpening, Row

COOKIE = Row(
    name="cookie",
    place="cookie",
    marker=Cookie,
    after=(HEADER,),
    container="cookies",
    opening='cookies = k_parse_cookies(headers[b"cookie"].decode("latin-1")) if b"cookie" in headers else {}',
    quick=QuickOpening(
        variables={b"cookie": "cookie_header"},
        statements=lambda _: 'cookies = k_parse_cookies(cookie_header.decode("latin-1")) if cookie_header else {}',
        uses={},
    ),
    one="cookies.get({key}, MISSING)",
    uses={"k_parse_cookies": parse_cookies},
)
