"""A GET that deletes what another operation lists."""

from signette import App

app = App()
notes = [f"note {number}" for number in range(50)]


@app.get("/notes")
async def list_notes() -> list[str]:
    return notes


@app.get("/notes/clear")
async def clear_last_note() -> int:
    if notes:
        notes.pop()
    return len(notes)


REPORTED = {("safe-methods", "GET /notes/clear")}
