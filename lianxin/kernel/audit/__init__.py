"""The append-only, hash-chained log and its sealed checkpoints."""
