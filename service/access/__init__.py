"""Who asks, and what they may do: persons in browsers and programs with tokens, in one organisation each."""
