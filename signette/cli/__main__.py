"""The command as `python -m signette.cli`."""

from signette.cli.command import main

raise SystemExit(main())
