"""From observations to who took what: hypotheses, baskets, and how sure that is."""
