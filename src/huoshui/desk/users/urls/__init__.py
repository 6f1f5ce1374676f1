"""Addresses of colleagues and of one's own account."""
