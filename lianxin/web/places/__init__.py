"""Places: the tree of bodies and sites, and the labels that hang on them."""
