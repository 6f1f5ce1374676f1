"""What changed: one declaration and one evaluator for every figure."""
