"""Commands of the printed documents."""
