"""Judges of what a Hessian is for: steps, spectra, inertia and stationary points, from the right Hessian."""
