"""Exceptions of jobs."""

from signette.exceptions import HTTPException


class JobArgumentsError(TypeError):
    """The arguments of a job are missing, unknown or invalid. The message names them, and has no values."""


class JobNotFound(HTTPException, LookupError):
    """There is no job with this id, or what was known of it has expired. An endpoint that raises it responds 404."""

    def __init__(self, detail: str) -> None:
        super().__init__(404, detail)

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return type(self), (self.detail,)


class JobFailed(Exception):
    """A job has failed for good. `error_type` is the name of the exception's class, `message` its text."""

    def __init__(self, name: str, job_id: str, error_type: str, message: str) -> None:
        super().__init__(
            f"job `{name}` ({job_id}) failed: {error_type}: {message}"
            if message
            else f"job `{name}` ({job_id}) failed: {error_type}"
        )
        self.name = name
        self.id = job_id
        self.error_type = error_type
        self.message = message

    def __reduce__(self) -> tuple[type, tuple[str, str, str, str]]:
        return type(self), (self.name, self.id, self.error_type, self.message)
