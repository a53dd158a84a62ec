"""What can be imported: `hb.hessian`, `hb.check`, `hb.problem`, `hb.run`, and the pytest plugin."""
