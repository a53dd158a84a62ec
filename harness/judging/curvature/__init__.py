"""Judges of what models are curved by: Gauss-Newton products and diagonals, blocks of a Hessian, the biharmonic."""
