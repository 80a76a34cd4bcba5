"""Pages about money: funds, entries, payouts, bank batches; for finance, the keys, audit and the fund's union."""
