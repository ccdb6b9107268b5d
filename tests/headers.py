"""The headers that every answer carries, whatever it is."""

DEMANDED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Content-Security-Policy": "default-src 'self'",
    "Cache-Control": "no-store",
}


def missing_headers(response):
    """Return which of the headers an answer lacks, or says otherwise; a file may have a stricter policy of its own."""
    found = [name for name, part in DEMANDED.items() if part not in response.headers.get(name, "")]
    if "Content-Security-Policy" in found and "sandbox" in response.headers.get("Content-Security-Policy", ""):
        found.remove("Content-Security-Policy")
    kept = response.headers.get("Cache-Control", "")
    if "Cache-Control" not in found and ("public" in kept or "private" not in kept):
        found.append("Cache-Control")
    return found
