"""Sparse Hessians without a framework: where they may be nonzero, how few products show all of it, how to read them.

`detection` finds the pattern, `coloring` groups the variables so that one product serves a whole group, `recovery` says
where in the products each entry is found. What multiplies is a backend's business.
"""
