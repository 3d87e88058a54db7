"""The parts of a multipart form as they arrive: what `Request.parts()` returns."""

from signette.forms.stream import FormPart, FormStream

__all__ = ["FormPart", "FormStream"]
