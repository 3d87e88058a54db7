"""Streaming of multipart forms, part by part: the result of `Request.parts()`."""

from signette.forms.stream import FormPart, FormStream

__all__ = ["FormPart", "FormStream"]
