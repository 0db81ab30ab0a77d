"""The `niaga` command line: one command a file."""
