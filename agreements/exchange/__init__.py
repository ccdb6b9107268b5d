"""Reads and writes the documents that offices exchange: framework and result files."""
