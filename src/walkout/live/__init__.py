"""A running store: the engine that turns observations into receipts, live or from a recording."""
