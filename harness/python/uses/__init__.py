"""What Hessians are for, of a person's own function: steps, spectra, kinds of critical points, minima."""
