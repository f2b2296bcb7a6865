"""Labels and renders to data, data to models: training, in the open and repeatable."""
