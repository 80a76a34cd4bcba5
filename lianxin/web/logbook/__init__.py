"""The log for everybody: what has been sealed, whether a proof holds, proofs to take home."""
