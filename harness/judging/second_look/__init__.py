"""Before a result is called wrong: another opinion of it, and a second witness."""
