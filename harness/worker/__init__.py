"""The child: one framework in one process; it prepares, has its results judged, and times them."""
