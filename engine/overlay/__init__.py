"""A team's own data: laid over the built-in files, checked, and compared with them."""
