"""The safety line's own pages beside its cases: comparing and grading, sweeps, procedures, rewards."""
