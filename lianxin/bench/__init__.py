"""Measuring the product on this machine, beside the bare limits of the same machine in the same run."""
