"""An app that lets its process die, as by `kill -9`, at a point that a file names; once."""
