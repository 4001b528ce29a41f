"""The core of owroute: domain, use cases, cards and the ports they need.

Nothing here knows Slack's SDK, SQL or HTTP: what comes in is parsed by `handlers`, what goes out
leaves through the ports in `bot.ports`.
"""
