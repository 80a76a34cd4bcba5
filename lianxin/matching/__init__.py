"""Record linkage that speaks Chinese: the same person in two lists, or twice in one. Knows no Django."""
