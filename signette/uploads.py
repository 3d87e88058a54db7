"""Uploaded files that are sent to a sink while they arrive."""

from signette.datastructures.upload import Upload
from signette.forms.directory import Directory
from signette.forms.sinks import FilePart, Sink, SinkWriter, To

__all__ = ["Directory", "FilePart", "Sink", "SinkWriter", "To", "Upload"]
