"""The page on production has each logger that the package writes to."""

import re

from tests.docs.pages import ROOT
from tests.test_architecture import modules


def test_each_logger_has_its_line() -> None:
    written = {
        name
        for path in modules().values()
        for name in re.findall(r"getLogger\(\"([\w.]+)\"\)", path.read_text(encoding="utf-8"))
    }
    page = (ROOT / "docs/how-to/run-in-production.md").read_text(encoding="utf-8")
    assert len(written) > 5
    assert set(re.findall(r"^\| `(signette\.\w+)` \|", page, re.MULTILINE)) == written
