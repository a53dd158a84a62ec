"""`python -m hessbench` is `hessbench`."""

import sys

from hessbench.harness.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
