"""What can be typed after `owroute`, one module per command, and what they share."""
