"""Everything Slack shows: layouts in Python, words in `templates/`, languages in `locale/`."""
