"""Who our customers are and what happened: facts, traits, customers, consent and the doors data comes in by."""
