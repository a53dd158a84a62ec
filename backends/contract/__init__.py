"""What a backend is, and what a method is: the words that all backends share."""
