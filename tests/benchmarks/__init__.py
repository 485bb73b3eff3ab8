"""Benchmarks: run by hand, never by pytest. Times depend on the machine, so that only ratios are compared."""
