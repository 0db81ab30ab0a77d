"""Django machinery without a trade word: command, once, outbox, jobs, numbering, states."""
