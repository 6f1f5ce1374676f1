"""Pytest plugins for every test of the house; pyproject.toml loads them by name."""
