"""Values for the templates of this room."""
