"""Regions, the union tree, enterprises, and the sites and equipment under them."""
