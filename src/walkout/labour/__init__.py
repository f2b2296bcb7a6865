"""Time, pay, floors, statements and own-data export of the people behind the shop."""
