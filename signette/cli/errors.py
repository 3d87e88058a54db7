"""The error of the command line."""


class UsageError(Exception):
    """An error on the command line. Its text has the problem and a hint."""
