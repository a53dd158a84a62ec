"""Many machines: launches that happen on the hosts of a Dask scheduler. Nothing here is loaded unless one is named."""
