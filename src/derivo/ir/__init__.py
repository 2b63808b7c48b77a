"""Scalar expressions and loop programs: what a kernel means, before any machine."""
