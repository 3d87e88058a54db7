"""Uploaded files that go to a sink while they arrive, and the parts of a form."""

from signette.datastructures.upload import Upload
from signette.forms.directory import Directory
from signette.forms.sinks import FilePart, Sink, SinkWriter, To
from signette.forms.stream import Parts

__all__ = ["Directory", "FilePart", "Parts", "Sink", "SinkWriter", "To", "Upload"]
