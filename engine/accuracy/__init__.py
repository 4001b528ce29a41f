"""The memory model held against published figures, beside simple formulas."""
