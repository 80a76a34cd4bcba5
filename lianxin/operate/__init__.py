"""Operating the product: serving, background work, backups."""
