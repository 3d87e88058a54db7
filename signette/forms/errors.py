"""What can be wrong with a form, and the refusals for each bound."""

from typing import Any

from signette.exceptions import HTTPException, LimitExceeded

# The name of the limit of a single file, which is no field of `Limits`.
FILE_LIMIT = "max_bytes"


class MultiPartException(Exception):
    """A form that cannot be read (`status_code` 400), or is over a bound (413 for sizes, 400 for counts).

    `limit` and `bound` are the exceeded field of `Limits` and its value, `mend` is how to raise it; None, 0 and ""
    where no limit was exceeded. The limit of a file has no field.
    """

    def __init__(
        self, message: str, status_code: int = 400, limit: str | None = None, bound: float = 0, mend: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.limit = limit
        self.bound = bound
        self.mend = mend

    def as_http_exception(self) -> HTTPException:
        """The same as a response: a `LimitExceeded` where a limit was exceeded."""
        if not self.mend:
            return HTTPException(self.status_code, self.message)
        limit, detail = (FILE_LIMIT, self.message) if self.limit is None else (self.limit, None)
        return LimitExceeded(self.status_code, limit, self.bound, detail, hint=self.mend)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.status_code, self.limit, self.bound, self.mend)


def _over(message: str, status_code: int, limit: str, bound: float, argument: str) -> MultiPartException:
    mend = f"`request.form({argument}=...)` or `App(limits=Limits({limit}=...))`"
    return MultiPartException(message, status_code, limit, bound, mend)


def too_many_fields(most: float) -> MultiPartException:
    message = f"Too many fields. Maximum number of fields is {most}."
    return _over(message, 400, "form_fields", most, "max_fields")


def too_many_files(most: float) -> MultiPartException:
    message = f"Too many files. Maximum number of files is {most}."
    return _over(message, 400, "form_files", most, "max_files")


def too_large(what: str, size: int) -> MultiPartException:
    message = f"{what} exceeded maximum size of {int(size / 1024)}KB."
    return _over(message, 413, "form_part_bytes", size, "max_part_size")


def file_too_large(size: int) -> MultiPartException:
    mend = "`request.form(max_file_size=...)` or `File(max_bytes=...)`"
    return MultiPartException(f"File exceeded maximum size of {size} bytes.", 413, bound=size, mend=mend)


def too_much_text(size: int) -> MultiPartException:
    message = f"The text of the form exceeded maximum size of {int(size / 1024)}KB."
    return MultiPartException(message, 413, "form_text_bytes", size, "`App(limits=Limits(form_text_bytes=...))`")
