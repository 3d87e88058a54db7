"""Counts what Python runs: lines, calls, returns."""

import gc
import sys
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def traced(
    function: Callable[[], T], *, trace: Callable[..., Any] | None = None, profile: Callable[..., Any] | None = None
) -> T:
    """Call a function with these functions of `sys.settrace` and `sys.setprofile`.

    The garbage collector waits meanwhile: it would run finalizers of other tests, and callbacks of Hypothesis.
    """
    before = sys.gettrace(), sys.getprofile()
    gc.disable()
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        return function()
    finally:
        sys.setprofile(before[1])
        sys.settrace(before[0])
        gc.enable()
