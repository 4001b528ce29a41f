"""The shared route engine: pure decisions over versioned data, with an HTTP service on top."""

__version__ = "0.1.0"
