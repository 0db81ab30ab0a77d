"""An app that lets a market's process die, as by `kill -9`, at a point that a file names; once."""
