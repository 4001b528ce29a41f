"""`python -m owroute` is the `owroute` command."""

from owroute.cli import main

main()
