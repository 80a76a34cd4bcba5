"""The pages of every kind of case: queue, case, steps, submitting, my cases, receipts, files."""
