"""What a problem is, and what problems are made of."""
