"""What a shop is: fixtures, plates, cameras, gates, catalogue, planogram, policies; the store folder and its checks."""
