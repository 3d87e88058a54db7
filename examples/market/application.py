"""The application."""

from examples.market import letters
from examples.market.routers import members, notices, offers, pictures
from examples.market.settings import state_url
from signette import App

DESCRIPTION = """\
A flea market. Sign up (`POST /members`), log in with *Authorize*, offer items, buy items.

Error responses are problems (RFC 9457), which each operation documents.
"""

app = App(title="Market", version="1.0.0", description=DESCRIPTION, state=state_url())
for each in (members, offers, pictures, notices, letters):
    app.include_router(each.router)
