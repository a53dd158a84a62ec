"""From what was asked to cells: names, problems, methods, settings; pure data, nothing is started."""
