"""A PUT that takes preconditions and never compares them: updates are lost."""

from pydantic import BaseModel

from signette import App, Conditional, Tagged


class Note(BaseModel):
    text: str


app = App()
notes = {"version": 1}


@app.put("/note")
async def write_note(note: Note, cond: Conditional) -> Tagged[Note]:
    notes["version"] += 1
    return Tagged(note, etag=notes["version"])


REPORTED = {("preconditions", "PUT /note")}
