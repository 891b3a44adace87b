"""What is run by hand and by make, and is no part of Koe."""
