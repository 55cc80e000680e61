"""Administration outside the browser: who may sign in, with which roles, and what is told about it."""
