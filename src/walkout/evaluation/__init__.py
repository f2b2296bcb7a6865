"""Receipts against truth. The only room that reads truth."""
