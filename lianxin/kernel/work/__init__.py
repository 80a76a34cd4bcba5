"""Long work that a page can watch: how far it has come, and what came of it."""
