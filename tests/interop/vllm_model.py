"""A small model of random weights for vLLM, the same one each time, and two adapters to it.

Run by the Python of vLLM's environment. Usage: vllm_model.py TOKENIZER FOLDER"""

import json
import pathlib
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import Qwen2Config, Qwen2ForCausalLM

HIDDEN, LAYERS, RANK = 256, 2, 8
TEMPLATE = ("{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
            "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


def base(tokenizer, folder):
    config = Qwen2Config(vocab_size=151936, hidden_size=HIDDEN, intermediate_size=2 * HIDDEN, num_hidden_layers=LAYERS,
                         num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=8192)
    Qwen2ForCausalLM(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tokenizer / name, folder / name)
    told = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**told, "chat_template": TEMPLATE}))


def adapter(folder):
    folder.mkdir(parents=True, exist_ok=True)
    weights = {}
    for layer in range(LAYERS):
        for part in ("q_proj", "v_proj"):
            name = f"base_model.model.model.layers.{layer}.self_attn.{part}"
            weights[f"{name}.lora_A.weight"] = torch.randn(RANK, HIDDEN) * 0.02
            weights[f"{name}.lora_B.weight"] = torch.randn(HIDDEN, RANK) * 0.02
    save_file(weights, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": RANK, "lora_dropout": 0.0, "bias": "none",
        "target_modules": ["q_proj", "v_proj"], "base_model_name_or_path": "base"}))


def main():
    tokenizer, folder = map(pathlib.Path, sys.argv[1:])
    torch.manual_seed(1)
    base(tokenizer, folder / "base")
    for name in ("one", "two"):
        adapter(folder / name)


if __name__ == "__main__":
    main()
