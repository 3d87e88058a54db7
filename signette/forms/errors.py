"""The error of an invalid form, and one function for each limit that a form can exceed."""

from collections.abc import Sequence
from typing import Any

from signette.exceptions import HTTPException, LimitExceeded
from signette.limits import OptionLimit

# The name of the limit of a single file, which is not a field of `Limits`.
FILE_LIMIT = "max_bytes"


class MultiPartException(Exception):
    """A form is malformed (`status_code` 400), exceeds a limit (413 for sizes, 400 for counts), or has a file of a
    type that its parameter does not allow (415).

    `limit` and `limit_value` are the exceeded field of `Limits` and its value, `hint` names the option that has set it.
    They are None, 0 and "" if the form is malformed. `limit` is None for the size of a single file.

    Attributes:
        message: The message for the client.
        status_code: The status for the client.
        limit: The exceeded field of `Limits`, or None.
        limit_value: The value of the limit.
        hint: The option that raises the limit.
    """

    def __init__(
        self, message: str, status_code: int = 400, limit: str | None = None, limit_value: float = 0, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.limit = limit
        self.limit_value = limit_value
        self.hint = hint

    def as_http_exception(self) -> HTTPException:
        """The same error as an `HTTPException`: a `LimitExceeded` if the form exceeds a limit."""
        if not self.hint:
            return HTTPException(self.status_code, self.message)
        limit, detail = (FILE_LIMIT, self.message) if self.limit is None else (self.limit, None)
        return LimitExceeded(self.status_code, limit, self.limit_value, detail, hint=self.hint)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.status_code, self.limit, self.limit_value, self.hint)


def _exceeded(message: str, status_code: int, limit: str, limit_value: float, argument: str) -> MultiPartException:
    hint = f"`request.form({argument}=...)` or `App(limits=Limits({limit}=...))`"
    if isinstance(limit_value, OptionLimit):
        hint = limit_value.option
    return MultiPartException(message, status_code, limit, limit_value, hint)


def too_many_fields(max_fields: float) -> MultiPartException:
    message = f"Too many fields. Maximum number of fields is {max_fields}."
    return _exceeded(message, 400, "form_fields", max_fields, "max_fields")


def too_many_files(max_files: float) -> MultiPartException:
    message = f"Too many files. Maximum number of files is {max_files}."
    return _exceeded(message, 400, "form_files", max_files, "max_files")


def too_large(subject: str, max_size: int) -> MultiPartException:
    message = f"{subject} exceeded maximum size of {int(max_size / 1024)}KB."
    return _exceeded(message, 413, "form_part_bytes", max_size, "max_part_size")


def file_too_large(max_size: int) -> MultiPartException:
    hint = "`request.form(max_file_size=...)` or `File(max_bytes=...)`"
    return MultiPartException(f"File exceeded maximum size of {max_size} bytes.", 413, limit_value=max_size, hint=hint)


def field_too_large(name: str, max_bytes: int) -> MultiPartException:
    """A file of the field is larger than its parameter allows."""
    message = f"{_the_file(name)} exceeds {max_bytes} bytes"
    return MultiPartException(message, 413, limit_value=max_bytes, hint="`File(max_bytes=...)`")


def wrong_file_type(name: str, media_types: Sequence[str]) -> MultiPartException:
    """A file of the field has a media type that its parameter does not allow."""
    return MultiPartException(f"{_the_file(name)} has an unsupported media type; expected {_listed(media_types)}", 415)


def wrong_file_content(name: str, media_types: Sequence[str]) -> MultiPartException:
    """The first bytes of a file of the field are not those of a media type that its parameter allows."""
    return MultiPartException(f"the content of {_the_file(name)} is not {_listed(media_types)}", 415)


def _the_file(name: str) -> str:
    # A name that no parameter has is a value of the client, and is not echoed.
    return f"the file '{name}'" if name else "a file of the form"


def _listed(media_types: Sequence[str]) -> str:
    return " or ".join(f"`{each}`" for each in media_types)


def too_much_text(max_size: int) -> MultiPartException:
    message = f"The text of the form exceeded maximum size of {int(max_size / 1024)}KB."
    return MultiPartException(message, 413, "form_text_bytes", max_size, "`App(limits=Limits(form_text_bytes=...))`")
