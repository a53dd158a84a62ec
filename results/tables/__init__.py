"""From records to pandas tables, and what follows from comparing their rows."""
