"""What runs inside the walls. It is copied whole into a worker, and holds no answer."""
