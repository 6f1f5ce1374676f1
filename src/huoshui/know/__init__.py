"""What we understand of our customers: their value, their stage of life."""
