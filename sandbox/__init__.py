"""A local Slack workspace. It imports nothing of the product and knows only its manifest."""
