"""What an intervention did to the contacts about its theme, and when nothing can be told."""
