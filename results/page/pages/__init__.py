"""Pages beside the report of a run: a comparison, a calibration, a framework over its versions."""
