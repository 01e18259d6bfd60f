"""Programs of others against Dashtam: Actual, and the library of Home Assistant."""
