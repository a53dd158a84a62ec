"""Versions of one framework side by side: since when is what wrong, what is cured, what can be done."""
