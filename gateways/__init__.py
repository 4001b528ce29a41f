"""Outbound adapters: Slack, the route engine. They turn protocols into the values of `bot`."""
