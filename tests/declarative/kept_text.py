"""Texts that are kept in files, and compared with what is made now.

`SIGNETTE_KEEP=1 pytest tests/declarative` writes them again; read the difference before you commit it. In CI it fails.
"""

import os
from pathlib import Path

import pytest


def assert_kept(file: Path, text: str) -> None:
    """The text is what the file says; or, where that was asked for, the file says it from now on."""
    if os.environ.get("SIGNETTE_KEEP"):
        if os.environ.get("CI"):
            raise pytest.UsageError("SIGNETTE_KEEP is set in CI, where kept texts are only compared: unset it")
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
