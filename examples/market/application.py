"""The application."""

from examples.market.routers import members, notices, offers, pictures
from signette import App

DESCRIPTION = """\
A flea market. Sign up (`POST /members`), log in with *Authorize*, offer items, buy items.

Error responses are problems (RFC 9457), which each operation documents.
"""

app = App(title="Market", version="1.0.0", description=DESCRIPTION)
for each in (members, offers, pictures, notices):
    app.include_router(each.router)
