"""Derivatives by arithmetic alone, in NumPy: differences, hyper-dual numbers, the reference of the judge."""
