"""Measurements of this project against the libraries it needs, as ratios in one run."""
