"""Aggregate: packets, collected, validated and identified slice by slice."""

from atelier.kernel.lazy import lazily

__getattr__, __dir__ = lazily(
    __name__,
    {
        "Change": "difference",
        "Collected": "collection",
        "CollectionMemo": "memo",
        "Content": "difference",
        "Derived": "markers",
        "Difference": "difference",
        "Element": "element",
        "Obligation": "markers",
        "Packet": "packet",
        "PacketDiff": "difference",
        "PacketDigests": "identity",
        "Parameter": "fields",
        "Part": "alignment",
        "Shape": "fields",
        "Slice": "fields",
        "SliceDiff": "difference",
        "Subject": "markers",
        "collect": "collection",
        "diff": "difference",
        "digests": "identity",
        "elements": "element",
        "handles_of": "element",
        "obligations": "element",
        "packet_from_json": "exchange",
        "packet_from_record": "exchange",
        "packet_to_json": "exchange",
        "shape": "fields",
        "subject_of": "exchange",
        "Substrate": "atelier.isilon.substrate",
    },
)
