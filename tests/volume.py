"""How many Hypothesis examples a test takes that needs another number than the profile has."""

from hypothesis import settings

FULL = 100  # examples of a test that sets no number, in a full run


def examples(number: int) -> int:
    """As many examples in a full run, and proportionally fewer with `--hypothesis-profile=quick`."""
    return max(1, number * settings().max_examples // FULL)
