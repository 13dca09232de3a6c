#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""PyTorch's own kernels on the shapes of `tricycle-workload bench --what kernels`; one JSON object a line.

CUDA graphs over inputs that together are larger than the cache; medians of 15 replays, microseconds."""
import torch, json, statistics
import torch.nn.functional as F
torch.manual_seed(1)
def timed(fns, reps=15):
    for f in fns: f()
    torch.cuda.synchronize()
    g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g):
        for f in fns: f()
    g.replay(); g.replay(); torch.cuda.synchronize()
    t = []
    for _ in range(reps):
        b, e = torch.cuda.Event(True), torch.cuda.Event(True)
        b.record(); g.replay(); e.record(); torch.cuda.synchronize()
        t.append(b.elapsed_time(e) * 1e3 / len(fns))
    return statistics.median(t), min(t), max(t)
def line(what, t, nbytes):
    print(json.dumps(dict(what="torch " + torch.__version__ + " " + what, us=t[0], least_us=t[1], most_us=t[2], bytes=nbytes, bytes_per_s=nbytes / t[0] * 1e6)), flush=True)
for n in (8192, 32768, 131072):
    nbytes = 2 * 32 * n * 128 * 2
    sets = max(2, 2**30 // nbytes + 1)
    ks = [torch.randn(1, 32, n, 128, device="cuda", dtype=torch.float16) for _ in range(sets)]
    vs = [torch.randn(1, 32, n, 128, device="cuda", dtype=torch.float16) for _ in range(sets)]
    q = torch.randn(1, 32, 1, 128, device="cuda", dtype=torch.float16)
    line(f"fp16 SDPA 32 heads, {n} tokens", timed([lambda k=k, v=v: F.scaled_dot_product_attention(q, k, v) for k, v in zip(ks, vs)]), nbytes)
    del ks, vs
for name, r, c in (("qkv", 12288, 4096), ("gate_up", 22016, 4096)):
    x = torch.randn(1, c, device="cuda", dtype=torch.float16)
    sets = 2**31 // (r * c * 2) + 1
    ws = [torch.randn(r, c, device="cuda", dtype=torch.float16) for _ in range(sets)]
    line(f"fp16 linear {name} {r}x{c}", timed([lambda w=w: F.linear(x, w) for w in ws]), r * c * 2)
    del ws
    try:
        xb = x.to(torch.bfloat16); sets = 2**30 // (r * c // 2) + 1; ws = []
        sz = torch.randn(c // 128, r, 2, device="cuda", dtype=torch.bfloat16) * 0.01
        for _ in range(sets):
            raw = torch.randint(0, 255, (r, c // 2), device="cuda", dtype=torch.uint8)
            ws.append(torch._convert_weight_to_int4pack(raw, 8))
        line(f"int4pack (group 128) {name} {r}x{c}", timed([lambda w=w: torch._weight_int4pack_mm(xb, w, 128, sz) for w in ws]), r * c // 2)
        del ws
    except Exception as e:
        print(json.dumps(dict(what="int4pack failed", error=str(e)[:200])))
