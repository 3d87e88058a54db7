"""`python -m signette`: the command, where its script is not on the path."""

from signette.cli import main

raise SystemExit(main())
