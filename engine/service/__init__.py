"""The engine over HTTP: lists, problems, examples, canonical answers. See also `engine.app`."""
