"""A framework whose installation is broken."""

raise RuntimeError("libfaulty.so.1: undefined symbol\nand a second line that nobody needs")
