"""The application."""

from examples.market import letters
from examples.market.routers import members, notices, offers, pictures
from examples.market.routers.bookmarks import Bookmarks
from examples.market.settings import signing_key, state_url
from signette import App
from signette.middleware import Middleware
from signette.middleware.sessions import SessionMiddleware

DESCRIPTION = """\
A flea market. Sign up (`POST /members`), log in with *Authorize*, offer items, buy items.

Error responses are problems (RFC 9457), which each operation documents.
"""

app = App(
    title="Market",
    version="1.0.0",
    description=DESCRIPTION,
    state=state_url(),
    middleware=[Middleware(SessionMiddleware, signing_key(), store="app")],
)
for each in (members.router, offers.router, pictures.router, Bookmarks, notices.router, letters.router):
    app.include(each)
