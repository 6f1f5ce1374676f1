"""The pages of colleagues: signing in, one's own account, the settings."""
