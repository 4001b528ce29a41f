"""The GPU watch: runs are found, planned, pinged, ended and paid for here, one use case a file."""
