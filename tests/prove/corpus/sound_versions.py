"""Results with a version, required preconditions, digests of bytes, and a file."""

from pathlib import Path

from pydantic import BaseModel

from signette import App, Problem, RequiredConditional, Tagged


class Note(BaseModel):
    text: str


class NoteNotFound(Problem, status=404):
    """There is no such note."""


app = App(etag=True)
notes = {1: (1, Note(text="tea"))}


@app.get("/notes/{number}")
async def read_note(number: int) -> Tagged[Note] | NoteNotFound:
    if number not in notes:
        return NoteNotFound()
    version, note = notes[number]
    return Tagged(note, etag=version)


@app.put("/notes/{number}")
async def write_note(number: int, note: Note, cond: RequiredConditional) -> Tagged[Note]:
    version, _ = notes.get(number, (0, None))
    cond.check(etag=version if number in notes else None, exists=number in notes)
    notes[number] = version + 1, note
    return Tagged(note, etag=version + 1)


@app.get("/words")
async def words(count: int = 2) -> list[str]:
    return ["tea", "milk", "water"][:count]


@app.get("/source", etag=False)
async def source() -> Path:
    return Path(__file__)


REPORTED: set[tuple[str, str]] = set()
