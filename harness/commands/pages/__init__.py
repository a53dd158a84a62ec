"""Pages of the manual that `list --markdown` prints."""
