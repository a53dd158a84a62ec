"""Suites that are drawn from the others: the quick one, curves over n, sizes for GPUs."""
