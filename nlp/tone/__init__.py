"""How people sound, and how bad things are: the words by which that is told, in English and Japanese."""
