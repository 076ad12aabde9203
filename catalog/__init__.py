"""What a mesh is made of."""
