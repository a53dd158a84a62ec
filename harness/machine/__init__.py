"""This machine: processors, memory, devices, interpreters, noise."""
