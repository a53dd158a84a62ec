"""Two runs side by side: statistics over launches, verdicts, the noise of a machine."""
