# Stub of derivo._core.loops, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.
