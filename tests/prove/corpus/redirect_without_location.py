"""A redirect that names no target."""

from signette import App
from signette.responses import Response

app = App()


@app.post("/forms", responses={303: {"description": "See the result."}})
async def send_form() -> Response:
    return Response(status_code=303)


REPORTED = {("redirects", "POST /forms")}
