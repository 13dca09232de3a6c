#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Prints the primes of traces/workload/encrypt/moduli.cpp: the same ones every time, from no secret.

A prime p of k bits is the first one at or above a start of k bits; the start is taken from SHA-256 over
"tricycle paillier BITS p COUNTER", its top set so that p >= 2^(k - 1/4). Two of them give N >= 2^(2k - 1/2), and N^2
has exactly 4k bits. These moduli are for simulation: everybody knows their factors.
"""
import hashlib
import math

SIZES = (256, 2048, 4096, 6144, 8192)  # bits of N^2


def stream(label, bits):
    out = b""
    counter = 0
    while 8 * len(out) < bits:
        out += hashlib.sha256(f"{label} {counter}".encode()).digest()
        counter += 1
    return int.from_bytes(out, "big") >> (8 * len(out) - bits)


def is_prime(n):
    """Miller-Rabin with the first 40 prime bases."""
    small = [p for p in range(2, 180) if all(p % q for q in range(2, p))][:40]
    if any(n % p == 0 for p in small):
        return n in small
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for base in small:
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(size, which):
    k = size // 4
    least = math.isqrt(math.isqrt(1 << (4 * k - 1))) + 1  # 2^(k - 1/4), rounded up
    span = (1 << k) - least
    start = least + stream(f"tricycle paillier {size} {which}", k + 64) % span
    p = start | 1
    while not is_prime(p):
        p += 2
    assert least <= p < 1 << k
    return p


def lines(value):
    text = f"{value:x}"
    return "\n".join(f'     "{text[i:i + 96]}"' for i in range(0, len(text), 96))


for size in SIZES:
    p, q = prime(size, "p"), prime(size, "q")
    assert p != q and (p * q * p * q).bit_length() == size
    print(f"    {{{size},\n{lines(p)},\n{lines(q)}}},")
