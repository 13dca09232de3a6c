#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Writes Chakra execution traces (schema 0.0.4, see models/ring/chakra/chakra.proto) without a protobuf library:
enough for computing, sending, receiving and collectives.

  write_rank(prefix, 0, [compute(0, "kernel", micros=5), send(1, 0, to=1, size=1 << 20, deps=[0])])
  write_rank(prefix, 1, [receive(0, 1, source=0, size=1 << 20)])
"""

METADATA_NODE, COMP_NODE, SEND_NODE, RECV_NODE, COLL_NODE = 1, 4, 5, 6, 7
ALL_REDUCE, ALL_GATHER, BROADCAST, ALL_TO_ALL, REDUCE_SCATTER, BARRIER = 0, 2, 5, 6, 7, 9


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def data(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def attribute(name, value, field=9):  # int64_val
    return data(10, data(1, name.encode()) + number(field, value))


def node(identity, name, kind, deps=(), micros=0, attributes=b""):
    message = number(1, identity) + data(2, name.encode()) + number(3, kind)
    if deps:
        message += data(5, b"".join(varint(d) for d in deps))
    return message + number(7, micros) + attribute("is_cpu_op", 0, 27) + attributes


def compute(identity, name, micros, deps=()):
    return node(identity, name, COMP_NODE, deps, micros)


def send(identity, rank, to, size, deps=(), tag=0):
    return node(identity, f"send {rank} to {to}", SEND_NODE, deps, 0, _message(rank, to, size, tag))


def receive(identity, rank, source, size, deps=(), tag=0):
    return node(identity, f"receive {rank} from {source}", RECV_NODE, deps, 0, _message(source, rank, size, tag))


def collective(identity, name, kind, size, deps=()):
    return node(identity, name, COLL_NODE, deps, 0, attribute("comm_type", kind) + attribute("comm_size", size))


def _message(source, to, size, tag):
    return (attribute("comm_src", source, 7) + attribute("comm_dst", to, 7) + attribute("comm_size", size) +
            attribute("comm_tag", tag, 7))


def write_rank(prefix, rank, nodes):
    with open(f"{prefix}.{rank}.et", "wb") as out:
        for message in [data(1, b"0.0.4"), *nodes]:
            out.write(varint(len(message)) + message)
