"""A DELETE that fails the second time, with a 500."""

from signette import App

app = App()
NOTES = {"first": "tea"}


@app.delete("/notes/first")
async def delete_note() -> None:
    del NOTES["first"]


REPORTED = {("idempotent-methods", "DELETE /notes/first")}
