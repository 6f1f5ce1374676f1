"""The pages of comments, files, versions and sign-offs."""
