"""The shared route engine: pure decisions over versioned data, with an HTTP service on top."""
