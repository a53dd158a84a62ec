"""Traces, Gauss-Newton products, blocks of a Hessian, biharmonics: what models and physics ask for beside matrices."""
