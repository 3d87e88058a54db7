"""The application, put together."""

from examples.market.routers import members, notices, offers, pictures
from signette import App

DESCRIPTION = """\
A flea market. Sign up (`POST /members`), log in by *Authorize*, offer something, buy something.

What goes wrong is told as a problem document (RFC 9457), and each operation says which problems it has.
"""

app = App(title="Market", version="1.0.0", description=DESCRIPTION)
for each in (members, offers, pictures, notices):
    app.include_router(each.router)
