"""What an action of the house added: trials, read from the lake by intention to treat."""
