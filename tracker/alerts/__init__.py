"""Action alerts: what editors write, a second person releases, and nobody gets outside its window. Pure."""
