"""The suite `models` in PyTorch's own layers: modules that are given their parameters by `torch.func.functional_call`.

Modules are made on no device, before anything is traced; their own parameters are never used. They are in evaluation
mode: no dropout, batch normalization by the statistics that are data.
"""
