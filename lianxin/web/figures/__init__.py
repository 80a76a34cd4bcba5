"""Published figures: each names its query and can be counted again by anybody."""
