"""PyTorch's checkpoint files: a zip of one pickle and the bytes of each storage.

    NAME/data.pkl     the object; a storage is an id: (type, key, place, length)
    NAME/byteorder    "little" or "big"
    NAME/data/KEY     the bytes of a storage, uncompressed, at a multiple of 64 bytes
    NAME/version      "3"

`writing` and `reading` turn derivo's objects into that and back; `names` holds what
each side calls the same thing.
"""
