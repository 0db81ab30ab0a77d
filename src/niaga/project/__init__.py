"""The market as a program: settings, addresses, wiring, command line, demo."""
