"""Small faults, planted one at a time: do the tests one would expect notice them?"""
