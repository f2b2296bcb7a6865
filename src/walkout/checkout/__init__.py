"""The life of a visit as the shopper sees it: what is charged, why, and how sure that is."""
