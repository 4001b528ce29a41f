"""Use cases: one class per step of a story. Each owns its transaction; no network call inside."""
