"""The twin's cameras: a store and its people in, pictures with exact depth, ids and visibility out."""
