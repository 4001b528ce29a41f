"""Inbound adapters: parse, call one use case, acknowledge. Nothing here decides anything."""
