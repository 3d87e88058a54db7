"""The laws that `signette prove` checks."""
