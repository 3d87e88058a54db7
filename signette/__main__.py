"""The command line interface as `python -m signette`."""

from signette.cli import main

raise SystemExit(main())
