"""How judges evaluate f: with NumPy in a working precision, by a framework, at changed data, and for how long."""
