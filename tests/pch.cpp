// Nothing of its own: the targets that precompile headers for the tests need a source.
