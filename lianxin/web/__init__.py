"""The web shell: base pages, components, navigation, error pages. It knows the domains only by their URLs."""
