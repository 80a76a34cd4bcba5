"""What goes wrong between us and the database, said in a sentence that somebody can act on."""


class DatabaseProblem(Exception):
    """The database cannot be had. The message names the cause and, where there is one, the remedy."""
