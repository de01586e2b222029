"""One run as one file: the pages of it, bound so that they open from a disk and need nothing else."""
