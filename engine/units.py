"""Units that sizes are counted in."""

MIB = 2**20
GIB = 2**30
BILLION = 10**9
MEGABYTE = 10**6
"""What providers and people who publish download speeds mean by MB."""
