"""What people do, by the place where they do it."""
