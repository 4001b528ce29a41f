"""What providers ask for their GPUs: one small module per price endpoint, rows of one shape."""
