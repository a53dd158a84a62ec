"""Collapsed Taylor mode: second derivatives along many directions, their sum taken inside of one forward sweep."""
