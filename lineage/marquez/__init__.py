"""The read API of Marquez 0.51, for clients that speak it; our own API lives beside it."""
