"""The version, written once: the package data and `signette.__version__` read it here."""

__version__ = "0.1.0"
