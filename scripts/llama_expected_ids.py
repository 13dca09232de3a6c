#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Expected token ids from an independent runtime: Hugging Face transformers, LlamaForCausalLM, float32, CPU.

  python3 scripts/llama_expected_ids.py ids MODEL_DIR PROMPT [PROMPT] -o expected_ids.json   (byte-level model)
  python3 scripts/llama_expected_ids.py odd OUT_DIR                                           (small odd models)

`odd` writes directories with seeded random weights and awkward shapes, stored in every way that the reader
knows, each with its expected_ids.json. `margin` is the smallest distance between the best and the second
logit over all steps: how far a rounding difference is from changing an id.
"""
import argparse
import json
from pathlib import Path

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM


@torch.no_grad()
def greedy(model, prompt, count):
    """Greedy ids, the smallest margin, and the mean -ln p of the prompt's tokens after the first."""
    out = model(torch.tensor([prompt]), use_cache=True)
    logp = torch.log_softmax(out.logits[0].double(), dim=-1)
    nll = -sum(logp[i, prompt[i + 1]].item() for i in range(len(prompt) - 1)) / max(1, len(prompt) - 1)
    ids, margin = [], float("inf")
    for _ in range(count):
        top = torch.topk(out.logits[0, -1].double(), 2)
        margin = min(margin, (top.values[0] - top.values[1]).item())
        ids.append(int(top.indices[0]))
        out = model(torch.tensor([[ids[-1]]]), past_key_values=out.past_key_values, use_cache=True)
    return {"prompt_ids": prompt, "generated_ids": ids, "margin": margin, "prompt_loss": nll}


def expected(directory, prompts, count):
    model = LlamaForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").eval()
    return {"runtime": f"transformers {transformers.__version__}, torch {torch.__version__}, float32, CPU, eager",
            "cases": [greedy(model, p, count) for p in prompts]}


def dump(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


def classic(directory, drop=()):
    """Rewrites config.json with the keys that model directories have used since 2023."""
    path = directory / "config.json"
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters", None)
    if rope:
        config["rope_theta"] = rope.pop("rope_theta")
        if rope.get("rope_type", "default") != "default":
            config["rope_scaling"] = rope
    if "dtype" in config:
        config["torch_dtype"] = config.pop("dtype")
    for key in drop:
        config.pop(key, None)
    path.write_text(json.dumps(config, indent=2) + "\n")


def odd(out):
    common = dict(bos_token_id=None, eos_token_id=None, pad_token_id=None, initializer_range=0.2)
    cases = {
        # three query heads a kv head, heads that do not fill the hidden size, several files
        "gqa3_bf16_sharded": (dict(hidden_size=60, intermediate_size=172, num_hidden_layers=2, num_attention_heads=6,
                                   num_key_value_heads=2, head_dim=8, vocab_size=41, tie_word_embeddings=False,
                                   max_position_embeddings=512, rms_norm_eps=1e-6), torch.bfloat16, "60KB", True, ()),
        # head size derived from hidden / heads, shared head
        "gqa2_f16_tied": (dict(hidden_size=64, intermediate_size=172, num_hidden_layers=2, num_attention_heads=8,
                               num_key_value_heads=4, head_dim=8, vocab_size=70, tie_word_embeddings=True,
                               max_position_embeddings=512, rms_norm_eps=1e-5), torch.float16, "10GB", True, ("head_dim",)),
        # no kv heads named, an odd intermediate size, another base
        "mha_f32_tied": (dict(hidden_size=48, intermediate_size=67, num_hidden_layers=2, num_attention_heads=6,
                              num_key_value_heads=6, head_dim=8, vocab_size=128, tie_word_embeddings=True,
                              max_position_embeddings=512, rms_norm_eps=1e-6, rope_theta=500000.0),
                         torch.float32, "10GB", True, ("head_dim", "num_key_value_heads")),
        # one kv head, scaled rotary embedding, newest config layout
        "mqa_bf16_llama3": (dict(hidden_size=40, intermediate_size=72, num_hidden_layers=3, num_attention_heads=4,
                                 num_key_value_heads=1, head_dim=44, vocab_size=100, tie_word_embeddings=False,
                                 max_position_embeddings=1024, rms_norm_eps=1e-6,
                                 rope_parameters=dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0,
                                                      high_freq_factor=4.0, original_max_position_embeddings=64)),
                            torch.bfloat16, "10GB", False, ()),
    }
    for number, (name, (settings, dtype, shard, old, drop)) in enumerate(cases.items()):
        torch.manual_seed(100 + number)
        settings = dict(settings)
        if "rope_theta" in settings and int(transformers.__version__.split(".")[0]) >= 5:
            settings["rope_parameters"] = dict(rope_type="default", rope_theta=settings.pop("rope_theta"))
        config = LlamaConfig(**settings, **common)
        model = LlamaForCausalLM(config)
        for parameter in model.parameters():
            if parameter.dim() == 1:  # norms: not all ones, or a missing one would go unnoticed
                torch.nn.init.uniform_(parameter, 0.5, 1.5)
        model.to(dtype).save_pretrained(out / name, max_shard_size=shard)
        (out / name / "generation_config.json").unlink(missing_ok=True)
        if old:
            classic(out / name, drop)
        vocab = settings["vocab_size"]
        long = [(7 * i * i + 3 * i + 5) % vocab for i in range(150)]
        dump(out / name / "expected_ids.json", expected(out / name, [[1, 2, 3], long], 100))
        print(name, sum(f.stat().st_size for f in (out / name).iterdir()), "bytes", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    ids = verbs.add_parser("ids")
    ids.add_argument("model", type=Path)
    ids.add_argument("prompts", nargs="+")
    ids.add_argument("-n", type=int, default=200)
    ids.add_argument("-o", "--out", type=Path, required=True)
    verbs.add_parser("odd").add_argument("out", type=Path)
    args = parser.parse_args()
    if args.verb == "ids":
        dump(args.out, expected(args.model, [list(p.encode()) for p in args.prompts], args.n))
    else:
        odd(args.out)


if __name__ == "__main__":
    main()
