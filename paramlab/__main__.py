"""`python -m paramlab` is the `paramlab` command, for where the command itself is not on the path."""

import sys

from paramlab.cli import main

sys.exit(main())
