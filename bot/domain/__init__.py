"""Pure and frozen: what the bot adds to the engine's vocabulary. No I/O, no clock, no async."""
