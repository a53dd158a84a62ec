"""A person's own process: backends that are open, evaluations that leave it as it was, how long a call would take."""
