"""Pages of metrics: the catalogue and one metric, and the form by which people define one."""
