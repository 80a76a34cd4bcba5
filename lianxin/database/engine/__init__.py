"""Django's PostgreSQL backend as this product uses it; `ENGINE` names this package."""
