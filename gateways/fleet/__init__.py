"""Who rents out GPUs: one module per provider, each an implementation of `bot.ports.Fleet`."""
