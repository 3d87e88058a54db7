"""Asks a package all questions, each with its own program that starts and ends."""

import importlib
import warnings
from typing import Any

import anyio

from benchmarks.comparison.questions import QUESTIONS, Question

# The name in the tables, which is that of the distribution -> the module in `subjects`.
PACKAGES = {
    "signette": "signette",
    "fastapi": "fastapi",
    "litestar": "litestar",
    "starlette": "starlette",
    "blacksheep": "blacksheep",
    "falcon": "falcon",
    "django-ninja": "ninja",
}


def cells_of(package: str) -> dict[str, str]:
    """The cell of each question. One in italics was not asked: the module of the package has the reason."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        subject = importlib.import_module(f"benchmarks.comparison.subjects.{PACKAGES[package]}")
        return {question.name: cell_of(question, subject) for question in QUESTIONS}


def cell_of(question: Question, subject: Any) -> str:
    if question.name in subject.MISSING:
        return f"*{subject.MISSING[question.name]}*"
    try:
        cell = anyio.run(question.ask, subject, backend=question.backend)
    except Exception as error:
        if question.name in subject.FAILS:
            return str(subject.FAILS[question.name])
        raise RuntimeError(f"{subject.__name__}: {question.name}") from error
    note = subject.NOTES.get(question.name)
    return f"{cell}: {note}" if note else cell
