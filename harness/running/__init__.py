"""The parent of a run: rounds of launches, journaled; it imports no framework and no pandas."""
