"""What the invented company means to do next: a customer development plan with research, goals, measures, budget."""
