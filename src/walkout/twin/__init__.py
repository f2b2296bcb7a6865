"""A simulated shop: bodies, hands, scales, gates and faults; it writes recordings with truth, marked simulated."""
