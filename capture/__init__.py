"""Files that run on people's own machines, without owroute. None yet."""
