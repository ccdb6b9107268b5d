"""What the documents say, from the content of an agreement: no markup, no new figures."""
