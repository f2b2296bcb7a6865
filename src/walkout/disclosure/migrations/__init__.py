"""The disclosure's own schema, version by version."""
