"""The corpus: small applications, each with one kind of fault, and sound ones with the same features.

A file of `corpus/` has the application `app`, and `REPORTED`: pairs of a law and an operation, which are all that
`prove(app)` must report. `AUTH` are credentials, and `NEVER_REACHED` pairs of an operation and a status.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from signette.prove import NotProved, Report, prove

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.py"))
SOUND = [file for file in CORPUS if file.stem.startswith("sound_")]
# So few that the whole corpus takes seconds: the laws need one or two good requests.
EXAMPLES = 4


def loaded(file: Path) -> Any:
    spec = spec_from_file_location(f"corpus_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report_of(case: Any) -> Report:
    try:
        return prove(case.app, max_examples=EXAMPLES, auth=getattr(case, "AUTH", None))
    except NotProved as error:
        return error.report


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_what_is_reported_of_an_application_is_what_is_wrong_with_it(file: Path) -> None:
    case = loaded(file)
    report = report_of(case)
    found = {(finding.law, each.key): finding.message for each in report.operations for finding in each.findings}
    assert found.keys() == case.REPORTED, found
    never_reached = {(each.key, status) for each in report.operations for status in each.never_reached}
    assert getattr(case, "NEVER_REACHED", set()) <= never_reached


def test_the_corpus_has_faults_of_each_law_and_sound_applications() -> None:
    from signette.prove.laws_of_run import laws_of_run

    reported = {law for file in CORPUS for law, _ in loaded(file).REPORTED}
    assert {make().name for make in laws_of_run()} - reported == {"responds-in-time"}  # it would take seconds
    assert len(CORPUS) - len(SOUND) >= 60
    assert len(SOUND) >= 14
