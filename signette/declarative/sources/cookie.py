"""Values of cookies, out of the header that carries them."""

from signette._http.cookies import parse_cookies
from signette.declarative.ir import Source
from signette.declarative.markers import Cookie
from signette.declarative.sources.header import HEADER

COOKIE = Source(
    place="cookie",
    marker=Cookie,
    after=(HEADER,),
    opens='cookies = k_parse_cookies(headers[b"cookie"].decode("latin-1")) if b"cookie" in headers else {}',
    one="cookies.get({key}, MISSING)",
    uses={"k_parse_cookies": parse_cookies},
)
