"""Sections that only some runs have: sparsity patterns, what pays off, uses of Hessians, published bands of models."""
