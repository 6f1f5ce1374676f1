"""What the templates of the dashboards are given: plain values, in the reader's language."""
