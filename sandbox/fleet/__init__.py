"""Providers of GPUs with state, for the demo and the tests: what they list is what was done."""
