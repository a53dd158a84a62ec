"""Other versions of a framework: found, installed into small environments of their own, verified, timed, bisected."""
