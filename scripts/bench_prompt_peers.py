#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""PyTorch's attention on the pieces of a prompt that `tricycle-workload run --fill N` measures: fp16, 32 heads of 128.

  bench_prompt_peers.py [TOKENS]     default 32768; one JSON object a line, medians of 7 calls between events, microseconds"""
import json
import statistics
import sys

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

HEADS, DIM = 32, 128
torch.manual_seed(1)


def timed(call, repeats=7):
    for _ in range(2):
        call()
    torch.cuda.synchronize()
    times = []
    for _ in range(repeats):
        begin, end = torch.cuda.Event(True), torch.cuda.Event(True)
        begin.record()
        call()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end) * 1e3)
    return statistics.median(times)


def pieces(tokens):
    yield tokens, tokens, True
    for devices in (2, 4, 8, 16, 32, 64):
        part = tokens // devices
        yield from ((part, part, True), (part, part, False), (part, part // 2, False), (part // 2, part, False))


tokens = int(sys.argv[1]) if len(sys.argv) > 1 else 32768
rows = torch.randn(3, 1, HEADS, tokens, DIM, device="cuda", dtype=torch.float16)
for backend in (SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION):
    for queries, keys, causal in pieces(tokens):
        q, k, v = rows[0, :, :, :queries], rows[1, :, :, :keys], rows[2, :, :, :keys]
        try:
            with sdpa_kernel(backend):
                us = timed(lambda: F.scaled_dot_product_attention(q, k, v, is_causal=causal))
        except RuntimeError as error:
            print(json.dumps({"backend": backend.name, "error": str(error).splitlines()[0][:120]}), flush=True)
            break
        flops = 4 * HEADS * DIM * queries * keys / (2 if causal else 1)
        print(json.dumps({"what": f"torch {torch.__version__} {backend.name}", "query_tokens": queries, "kv_tokens": keys,
                          "causal": causal, "us": us, "tflops": flops / us * 1e-6}), flush=True)
