"""Collections that others have published, with their own certified or computed values."""
