"""The functions of `derivo.nn.functional`, one family a file."""
