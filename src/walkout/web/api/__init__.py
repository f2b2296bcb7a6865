"""The shop over HTTP: what people and other programs may see of it, and do."""
