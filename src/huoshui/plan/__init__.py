"""What we intend: plans whose goals fill in by themselves."""
