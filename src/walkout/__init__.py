"""Walkout: a checkout-free shop on hardware you own."""

__version__ = "0.1.0"
