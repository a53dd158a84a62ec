"""The suite `models` in Keras layers: models that are given their parameters by `stateless_call`.

They are made before anything is traced; their own parameters are never used. Keras' training mode is off unless it is
asked for: there is no dropout, and batch normalization is by the statistics that are data.
"""
