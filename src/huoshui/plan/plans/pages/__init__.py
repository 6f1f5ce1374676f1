"""Values for the templates of plans."""
