"""Reports in files: JSON, JUnit XML, text."""

import json
import re
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from signette.prove.report import OperationReport, Report
from signette.prove.text import text_of

# XML 1.0 §2.2 has no other characters.
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_report(report: Report, file: Path) -> None:
    """Write a report in the format of the file's suffix: `.json`, `.xml` for JUnit, else text."""
    match file.suffix.lower():
        case ".json":
            content = json.dumps(report.as_dict(), indent=2) + "\n"
        case ".xml":
            content = junit_of(report)
        case _:
            content = text_of(report, with_bodies=False) + "\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8", errors="backslashreplace")


def junit_of(report: Report) -> str:
    """The report as JUnit XML: a test suite for each operation, a test case for each of its laws."""
    root = Element("testsuites", name=f"prove {report.title}")
    for operation in report.operations:
        _add_suite(root, operation)
    tests = sum(len(operation.laws) for operation in report.operations)
    failures = sum(_failures(operation) for operation in report.operations)
    root.set("tests", str(tests))
    root.set("failures", str(failures))
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _add_suite(root: Element, operation: OperationReport) -> None:
    suite = SubElement(
        root,
        "testsuite",
        name=operation.key,
        tests=str(len(operation.laws)),
        failures=str(_failures(operation)),
        errors="0",
        skipped="0",
    )
    for law in operation.laws:
        case = SubElement(suite, "testcase", classname=operation.name, name=law)
        found = [finding for finding in operation.findings if finding.law == law]
        if found:
            failure = SubElement(case, "failure", message="; ".join(_clean(finding.message) for finding in found))
            failure.text = _clean("\n\n".join("\n".join([*each.curl, "", each.test]) for each in found))
    responses = f"reached: {' '.join(operation.reached)}\nnever reached: {' '.join(operation.never_reached)}"
    SubElement(suite, "system-out").text = responses


def _failures(operation: OperationReport) -> int:
    return len({finding.law for finding in operation.findings})


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("?", text)
