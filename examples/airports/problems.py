"""What can go wrong, as types: each stands in the contract of the operations that name it."""

from uuid import UUID

from signette import Problem


class AirportNotFound(Problem, status=404, detail="No airport has the code {code}"):
    """No airport has this ICAO or IATA code."""

    code: str


class ReviewNotFound(Problem, status=404, detail="There is no such review"):
    """There is no review with this id."""

    id: UUID


class DuplicateCode(Problem, status=409, detail="The code {code} belongs to {holder}"):
    """A code belongs to one airport, and this one has another already."""

    code: str
    holder: str


class CodeMismatch(Problem, status=422, detail="The path names {in_path}, the body {in_body}"):
    """An airport is replaced under its own ICAO code."""

    in_path: str
    in_body: str


class KeyNotKnown(Problem, status=401, headers={"WWW-Authenticate": "APIKey"}):
    """The API key is not one that may write."""


class UnreadableFile(Problem, status=422, detail="The file cannot be read: {reason}"):
    """The file is no CSV of corrections: nothing of it was applied."""

    reason: str


class StoreBusy(Problem, status=503, headers={"Retry-After": "5"}):
    """The database is in use by somebody else for longer than anybody should wait: try again."""
