"""Snippets of autograd behaviour, one file a theme."""
