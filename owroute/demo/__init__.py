"""The demo: the real bot and engine as processes of their own, a local Slack around them."""
