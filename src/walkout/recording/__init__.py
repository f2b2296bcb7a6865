"""Sensor streams and truth on disk: MCAP written, read and salvaged; AiFi in and out."""
