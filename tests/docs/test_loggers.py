"""The page on production has each logger that the package writes to."""

import re

from tests.docs.tables import table_of
from tests.test_architecture import modules


def test_each_logger_has_its_line() -> None:
    written = {
        name
        for path in modules().values()
        for name in re.findall(r"= logging\.getLogger\(\"([\w.]+)\"\)", path.read_text(encoding="utf-8"))
    }
    assert len(written) > 5
    rows = table_of("how-to/deployment", "loggers")
    assert {row[0].strip("`") for row in rows if row[0].startswith("`")} == written
