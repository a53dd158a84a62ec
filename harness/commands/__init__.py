"""What can be typed: one file per command; `cli` is the parser."""
