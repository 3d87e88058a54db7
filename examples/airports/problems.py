"""The problems of the API. Each is in the OpenAPI document of the operations that declare it."""

from uuid import UUID

from signette import Problem


class AirportNotFound(Problem, status=404, detail="No airport has the code {code}"):
    """No airport has this ICAO or IATA code."""

    code: str


class ReviewNotFound(Problem, status=404, detail="There is no such review"):
    """There is no review with this id."""

    id: UUID


class DuplicateCode(Problem, status=409, detail="The code {code} belongs to {holder}"):
    """Another airport has this code already."""

    code: str
    holder: str


class CodeMismatch(Problem, status=422, detail="The path names {in_path}, the body {in_body}"):
    """The ICAO code in the body must be that of the path."""

    in_path: str
    in_body: str


class KeyNotKnown(Problem, status=401, headers={"WWW-Authenticate": "APIKey"}):
    """The API key is not valid for writing."""


class UnreadableFile(Problem, status=422, detail="The file cannot be read: {reason}"):
    """The file is not a CSV file with corrections: nothing was applied."""

    reason: str


class StoreBusy(Problem, status=503, headers={"Retry-After": "5"}):
    """The database was locked for too long: try again."""
