"""Pages about money: funds, entries, payouts, bank batches. For finance, the two keys, audit and the fund's officers."""
