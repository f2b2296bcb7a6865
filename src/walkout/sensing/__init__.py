"""Raw signals to observations: plates to shelf events, late skeletons to people in order, wrists to reaches."""
