"""What a command's exit code means."""

COMPLETE = 0
FAILED = 1
USAGE = 2
CONTESTED = 3
INTEGRITY = 4
INTERRUPTED = 130
# What a shell gives a program that SIGPIPE ended.
UNREAD = 141

MEANINGS = {
    COMPLETE: "complete, or degraded",
    FAILED: "a stage failed: the run is partial or failed",
    USAGE: "usage or set-up: nothing ran",
    CONTESTED: "with --strict: contested or degraded",
    INTEGRITY: "integrity: what is stored is not what was written",
    INTERRUPTED: "interrupted",
    UNREAD: "whoever read the output has gone",
}
