"""The kernel: cases, money, log, people, places. It knows no domain and imports no app above it."""
