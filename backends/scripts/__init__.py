"""What a person can paste instead of calling hessbench: methods in a framework's own words."""
