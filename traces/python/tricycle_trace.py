# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Reads Tricycle traces (*.tct, traces/FORMAT.md).

    import tricycle_trace
    for record in tricycle_trace.read("decode.tct"):
        if record.WhichOneof("kind") == "token":
            print(record.token.id, list(record.token.layer_bits))

Needs Debian's python3-protobuf, python3-zstandard and protobuf-compiler: the classes are made from the schema when
this module is loaded. Memory is bounded by one frame. What is wrong with a file is a TraceError; the records
given before are good.
"""
import hashlib
import pathlib
import subprocess

try:
    import zstandard
    from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
except ImportError as e:
    raise SystemExit(f"{e}: reading traces needs Debian's python3-protobuf and python3-zstandard (and its python3: "
                     "/usr/bin/python3)") from None

SCHEMA = pathlib.Path(__file__).resolve().parents[1] / "schema" / "trace.proto"
MAGIC, VERSION = b"\x89TCT\r\n\x1a", 1
MAX_FRAME_BYTES = 16 << 20


class TraceError(Exception):
    pass


def _record_class():
    out = subprocess.run(["protoc", f"--proto_path={SCHEMA.parent}", "--descriptor_set_out=/dev/stdout", SCHEMA.name],
                         check=True, capture_output=True).stdout
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(out).file:
        pool.Add(file)
    descriptor = pool.FindMessageTypeByName("tricycle.trace.Record")
    make = getattr(message_factory, "GetMessageClass", None)  # of later versions
    return make(descriptor) if make else message_factory.MessageFactory(pool).GetPrototype(descriptor)


Record = _record_class()


def _frames(file):
    """The contents of the zstd frames."""
    rest = b""
    while True:
        rest = rest or file.read(1 << 18)
        if not rest:
            return
        if len(rest) < 18:
            rest += file.read(1 << 18)
        try:
            size = zstandard.frame_content_size(rest)
            if not 0 < size <= MAX_FRAME_BYTES:
                raise TraceError(f"a frame states a content of {size} bytes")
            unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_FRAME_BYTES).decompressobj()
            content = unpacker.decompress(rest)
            while not unpacker.eof:
                more = file.read(1 << 18)
                if not more:
                    raise TraceError("the file ends within a frame")
                content += unpacker.decompress(more)
            rest = unpacker.unused_data
        except zstandard.ZstdError as e:
            raise TraceError(f"a frame is damaged: {e}") from e
        yield content


def _messages(content):
    """The length-delimited messages of a frame, each with its length and without."""
    at = 0
    while at < len(content):
        begin, size, shift = at, 0, 0
        while True:
            if at == len(content) or shift > 63:
                raise TraceError("the length of a record does not end")
            byte = content[at]
            size |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                break
        if size > len(content) - at:
            raise TraceError("a record reaches beyond its frame")
        yield content[begin:at + size], content[at:at + size]
        at += size


def read(path):
    """Every record, from the header to the footer. Those of unknown kinds are left out."""
    number, digest, ended = -1, hashlib.sha256(), False
    try:
        with open(path, "rb") as file:
            magic = file.read(8)
            if magic[:7] != MAGIC:
                raise TraceError("this is no Tricycle trace")
            if magic[7] != VERSION:
                raise TraceError(f"the file is of version {magic[7]} of the format, this reader of {VERSION}")
            for content in _frames(file):
                for framed, body in _messages(content):
                    if ended:
                        raise TraceError("there are records behind the footer")
                    record = Record.FromString(body)
                    kind = record.WhichOneof("kind")
                    if number < 0 and kind != "header":
                        raise TraceError("the first record is no header")
                    if kind == "footer":
                        ended = True
                        if record.footer.digest != digest.digest():
                            raise TraceError("the digest in the footer is not that of the records")
                    digest.update(framed)
                    number += 1
                    if kind is not None:
                        yield record
            if not ended:
                raise TraceError("the file ends without a footer")
    except (TraceError, message.DecodeError, IndexError) as e:
        raise TraceError(f"{path}: {e}; the last good record is {number}") from e
