"""From a document's content to its PDF: pure functions, the same bytes for the same content."""
