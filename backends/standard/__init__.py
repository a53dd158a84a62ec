"""The array API standard beyond what a framework has itself: compositions, questions about dtypes, refusals by name."""
