"""Records, the journal, pandas tables and reports; nothing here needs a framework."""
