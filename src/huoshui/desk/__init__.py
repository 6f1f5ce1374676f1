"""Who works here: colleagues and the organisation they work for."""
