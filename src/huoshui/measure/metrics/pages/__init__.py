"""Values of the pages of metrics, as their templates show them."""
