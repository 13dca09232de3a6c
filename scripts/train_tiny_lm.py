#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Trains the small byte-level Llama-architecture model that the traces are made with.

  python3 scripts/train_tiny_lm.py --text $TRICYCLE_DATA/text/shakespeare.txt -o tiny_shakespeare
  python3 scripts/train_tiny_lm.py --text $TRICYCLE_DATA/text/shakespeare.txt -o tiny_shakespeare --evaluate

Needs PyTorch >= 2.4 and, to be done in minutes, one GPU. Writes config.json, model.safetensors (BF16, Hugging
Face's names and layout) and training.json (settings, losses). The first 90 % of the text train; the rest is held
out. Its first half picks the checkpoint, so its second half is the figure that nothing was fitted to.
"""
import argparse
import json
import math
import struct
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

SHAPE = dict(layers=8, hidden=256, intermediate=640, heads=4, kv_heads=2, head_dim=128, vocab=256, context=4096,
             rope_theta=10000.0, norm_eps=1e-5)


class Norm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        y = x.float()
        y = y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + self.eps)
        return (y * self.weight.float()).to(x.dtype)


def rotate(x, cos, sin):
    """Rotary embedding in Hugging Face's layout: element i pairs with element i + d/2."""
    half = x.shape[-1] // 2
    turned = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
    return (x.float() * cos + turned.float() * sin).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, s, dropout):
        super().__init__()
        self.s, self.dropout = s, dropout
        self.q_proj = nn.Linear(s["hidden"], s["heads"] * s["head_dim"], bias=False)
        self.k_proj = nn.Linear(s["hidden"], s["kv_heads"] * s["head_dim"], bias=False)
        self.v_proj = nn.Linear(s["hidden"], s["kv_heads"] * s["head_dim"], bias=False)
        self.o_proj = nn.Linear(s["heads"] * s["head_dim"], s["hidden"], bias=False)

    def forward(self, x, cos, sin):
        s, (b, t, _) = self.s, x.shape
        q = self.q_proj(x).view(b, t, s["heads"], s["head_dim"]).transpose(1, 2)
        k = self.k_proj(x).view(b, t, s["kv_heads"], s["head_dim"]).transpose(1, 2)
        v = self.v_proj(x).view(b, t, s["kv_heads"], s["head_dim"]).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        repeat = s["heads"] // s["kv_heads"]
        k, v = k.repeat_interleave(repeat, dim=1), v.repeat_interleave(repeat, dim=1)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=self.dropout if self.training else 0.0)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1))


class Mlp(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.gate_proj = nn.Linear(s["hidden"], s["intermediate"], bias=False)
        self.up_proj = nn.Linear(s["hidden"], s["intermediate"], bias=False)
        self.down_proj = nn.Linear(s["intermediate"], s["hidden"], bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, s, dropout):
        super().__init__()
        self.input_layernorm = Norm(s["hidden"], s["norm_eps"])
        self.self_attn = Attention(s, dropout)
        self.post_attention_layernorm = Norm(s["hidden"], s["norm_eps"])
        self.mlp = Mlp(s)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, cos, sin):
        x = x + self.drop(self.self_attn(self.input_layernorm(x), cos, sin))
        return x + self.drop(self.mlp(self.post_attention_layernorm(x)))


class Llama(nn.Module):
    """Parameters carry Hugging Face's names without the leading "model."; the head is the embedding."""

    def __init__(self, s, dropout=0.0):
        super().__init__()
        self.s = s
        self.embed_tokens = nn.Embedding(s["vocab"], s["hidden"])
        self.layers = nn.ModuleList(Layer(s, dropout) for _ in range(s["layers"]))
        self.norm = Norm(s["hidden"], s["norm_eps"])
        self.drop = nn.Dropout(dropout)
        inverse = s["rope_theta"] ** (-torch.arange(0, s["head_dim"], 2).float() / s["head_dim"])
        angle = torch.outer(torch.arange(s["context"]).float(), inverse)
        angle = torch.cat((angle, angle), dim=-1)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                out = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * s["layers"]) if out else 0.02)

    def forward(self, ids):
        x = self.drop(self.embed_tokens(ids))
        cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        for layer in self.layers:
            x = layer(x, cos, sin)
        return F.linear(self.norm(x), self.embed_tokens.weight)


def loss_of(model, ids):
    logits = model(ids[:, :-1]).float()
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), ids[:, 1:].reshape(-1))


@torch.no_grad()
def held_out(model, data, window, batch_bytes=1 << 15):
    """Mean -ln p per byte over windows that do not overlap; the first byte of a window is context only."""
    model.eval()
    pieces = list(data.split(window))
    total, count = 0.0, 0
    full = [p for p in pieces if len(p) == window]
    step = max(1, batch_bytes // window)
    groups = [torch.stack(full[i : i + step]) for i in range(0, len(full), step)]
    groups += [p[None] for p in pieces if 2 <= len(p) < window]
    for ids in groups:
        scored = ids.numel() - ids.shape[0]
        total += loss_of(model, ids).double().item() * scored
        count += scored
    return total / count, count


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, t in tensors.items():
        size = t.numel() * 2
        header[name] = {"dtype": "BF16", "shape": list(t.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for t in tensors.values():
            f.write(t.detach().to(torch.bfloat16).contiguous().cpu().view(torch.int16).numpy().tobytes())


def read_safetensors(path):
    with open(path, "rb") as f:
        raw = f.read()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        bits = torch.frombuffer(bytearray(raw[8 + size + begin : 8 + size + end]), dtype=torch.int16)
        out[name] = bits.view(torch.bfloat16).float().reshape(entry["shape"])
    return out


def config_of(s):
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
        "hidden_size": s["hidden"], "intermediate_size": s["intermediate"], "num_hidden_layers": s["layers"],
        "num_attention_heads": s["heads"], "num_key_value_heads": s["kv_heads"], "head_dim": s["head_dim"],
        "vocab_size": s["vocab"], "max_position_embeddings": s["context"], "rope_theta": s["rope_theta"],
        "rms_norm_eps": s["norm_eps"], "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False,
        "bos_token_id": None, "eos_token_id": None, "torch_dtype": "bfloat16",
    }


def evaluate(args, data, device):
    """Figures of the stored BF16 weights, computed in float32, over the whole held-out part."""
    model = Llama(SHAPE).to(device)
    stored = read_safetensors(args.out / "model.safetensors")
    model.load_state_dict({k.removeprefix("model."): v for k, v in stored.items()})
    split = len(data) * 9 // 10
    middle = split + (len(data) - split) // 2
    result = {}
    for window in (512, 1024, 2048, 4096):
        loss, count = held_out(model, data[split:], window)
        rest, _ = held_out(model, data[middle:], window)
        result[str(window)] = {"loss_nats_per_byte": loss, "perplexity": math.exp(loss), "bytes_scored": count,
                               "second_half_loss": rest, "second_half_perplexity": math.exp(rest)}
        print(f"window {window}: held-out loss {loss:.4f} nats a byte, perplexity {math.exp(loss):.4f} "
              f"({count} bytes); second half {rest:.4f}, {math.exp(rest):.4f}", flush=True)
    return result


def train(args, data, device):
    torch.manual_seed(args.seed)
    split = len(data) * 9 // 10
    text, validation = data[:split], data[split : split + (len(data) - split) // 2]
    model = Llama(SHAPE, args.dropout).to(device)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": args.weight_decay},
                                   {"params": vectors, "weight_decay": 0.0}], lr=args.rate, betas=(0.9, 0.99),
                                  fused=device.type == "cuda")
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    probe = Llama(SHAPE).to(device)
    best, best_state, history = math.inf, None, []
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(text)} bytes to train on", flush=True)
    start, step, done = time.monotonic(), 0, 0.0
    while done < 1.0:
        done = max((step + 1) / args.steps, (time.monotonic() - start) / args.seconds)
        rate = args.rate * min(1.0, (step + 1) / 100) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
        for group in optimizer.param_groups:
            group["lr"] = rate
        # every fourth step sees the longest context, the same number of bytes otherwise
        length = SHAPE["context"] - 1 if step % 4 == 3 else args.length
        rows = max(1, args.batch_bytes // length)
        offsets = torch.randint(len(text) - length - 1, (rows,), device=device)
        ids = text[offsets[:, None] + torch.arange(length + 1, device=device)]
        model.train()
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = loss_of(model, ids)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        with torch.no_grad():
            decay = min(args.average, step / (step + 20))
            current = model.state_dict()
            torch._foreach_lerp_(list(average.values()), [current[k] for k in average], 1 - decay)
        if step % args.every == 0 or done >= 1.0:
            probe.load_state_dict(average)
            with torch.autocast(device.type, dtype=torch.bfloat16):
                value, _ = held_out(probe, validation, 1024)
            history.append([step, loss.item(), value])
            if value < best:
                best, best_state = value, {k: v.clone() for k, v in average.items()}
            print(f"step {step} ({time.monotonic() - start:.0f} s): train {loss.item():.4f}, "
                  f"held out (first half) {value:.4f}, best {best:.4f}", flush=True)
            if value > best + 0.04:  # clearly overfitting: nothing better comes
                break
    args.out.mkdir(parents=True, exist_ok=True)
    write_safetensors(args.out / "model.safetensors", {"model." + k: v for k, v in best_state.items()})
    (args.out / "config.json").write_text(json.dumps(config_of(SHAPE), indent=2) + "\n")
    figures = evaluate(args, data, device)
    settings = {k: v for k, v in vars(args).items() if k not in ("out", "text", "evaluate")}
    (args.out / "training.json").write_text(json.dumps(
        {"settings": settings, "steps_done": step, "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
         "torch": torch.__version__, "seconds": round(time.monotonic() - start), "best_first_half": best,
         "held_out_by_window": figures, "history": history}, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="training text, taken as bytes")
    parser.add_argument("-o", "--out", type=Path, required=True, help="model directory to write")
    parser.add_argument("--evaluate", action="store_true", help="only measure the model in -o")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=600, help="the learning rate reaches its end by then")
    parser.add_argument("--length", type=int, default=1024, help="bytes in a training sequence")
    parser.add_argument("--batch-bytes", type=int, default=16384)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--weight-decay", type=float, default=0.1)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--average", type=float, default=0.998, help="decay of the running mean of the weights")
    parser.add_argument("--every", type=int, default=250, help="steps between looks at the held-out text")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = torch.frombuffer(bytearray(args.text.read_bytes()), dtype=torch.uint8).long().to(device)
    if args.evaluate:
        evaluate(args, data, device)
    else:
        train(args, data, device)


if __name__ == "__main__":
    main()
