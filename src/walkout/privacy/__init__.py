"""Keys, redaction, retention, erasure, and the log that tells when it was tampered with."""
