"""Is a sparse Hessian right? Pattern and values, without anything of size n^2."""
