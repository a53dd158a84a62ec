"""What is kept of a run: records, the journal, the run folder."""
