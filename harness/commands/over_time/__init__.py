"""Commands that look at several versions of one framework."""
