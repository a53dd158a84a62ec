"""A person's own function as it is given: whose it is, what it closes over, what it takes."""
