"""Pixels of one camera to people in its picture: models, their adapters, and what they all give."""
