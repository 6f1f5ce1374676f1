"""What concerns the whole house; the tests of a room lie beside it, in src/huoshui."""
