"""The runnable: settings, wiring, web application, command line."""
