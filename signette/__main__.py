"""The command line interface as `python -m signette`."""

from signette.cli.command import main

raise SystemExit(main())
