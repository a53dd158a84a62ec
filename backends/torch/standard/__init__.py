"""The array API standard over PyTorch."""
