"""What second derivatives are for: steps, spectra, inertia, made of a backend's own derivatives and linear algebra."""
