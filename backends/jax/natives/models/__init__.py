"""The suite `models` in the layers of Equinox, for JAX has none of its own.

Layers hold what they are given; a single image or sequence is mapped over the batch, as Equinox's layers want it.
"""
