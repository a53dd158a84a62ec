"""The hub: command line, plan, runner, worker, measuring and checking."""
