"""The weekly digest: when it is due, what is read for it, who gets it."""
