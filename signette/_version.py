"""The version, for the package metadata and `signette.__version__`."""

__version__ = "0.1.0"
