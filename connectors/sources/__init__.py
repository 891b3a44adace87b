"""Where records come from: files now, one system a file later."""
