"""The command line interface as `python -m signette`."""

from signette.cli.command import main

if __name__ == "__main__":  # worker processes of `Process` import this module under another name
    raise SystemExit(main())
