"""Three models of random weights, the same ones each time, with the vocabulary of a real one. Most of a model's
weight lies in its first and last matrix: it takes long to load and little to compute.

Run by the Python of the servers' environment, which has gguf and numpy. Usage: models.py VOCABULARY FOLDER"""

import pathlib
import sys

import gguf
import numpy

WIDTHS = {"m-a": 256, "m-b": 512, "m-c": 768}  # of 36, 77 and 123 MB
LAYERS = 2
HEAD = 64
CONTEXT = 8192
TEMPLATE = ("{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + "
            "' [/INST]' }}{% else %}{{ ' ' + m['content'] + ' ' + eos_token }}{% endif %}{% endfor %}")


def copy_tokenizer(vocabulary, writer):
    """The tokenizer as the vocabulary's file has it, but for the chat template."""
    for key, field in vocabulary.fields.items():
        if not key.startswith("tokenizer.") or key == "tokenizer.chat_template":
            continue
        if field.types[0] == gguf.GGUFValueType.ARRAY:
            writer.add_array(key, field.contents())
        else:
            writer.add_key_value(key, field.contents(), field.types[0])
    writer.add_chat_template(TEMPLATE)


def describe(writer, name, width, tokens):
    writer.add_name(name)
    writer.add_block_count(LAYERS)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(width // HEAD)
    writer.add_head_count_kv(width // HEAD)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(500000.0)
    writer.add_vocab_size(tokens)
    writer.add_file_type(1)  # most tensors have 16 bits


def speakable(tokens):
    """Which tokens are words of plain letters: a model that says others may end on half a character."""
    words = [token.replace("\u2581", "") for token in tokens]
    return numpy.array([word.isascii() and word.isalpha() for word in words])


def fill(writer, width, tokens):
    """The weights, all drawn from one seed. What is not speakable is never said: its row of the output is zero."""
    draw = numpy.random.default_rng(1)

    def matrix(name, rows, columns, deviation, keep=None):
        values = draw.standard_normal((rows, columns), dtype=numpy.float32) * deviation
        if keep is not None:
            values[~keep] = 0
        writer.add_tensor(name, values.astype(numpy.float16))

    matrix("token_embd.weight", len(tokens), width, 1.0)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{norm}.weight", numpy.ones(width, dtype=numpy.float32))
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"{block}{part}.weight", width, width, width**-0.5)
        for part in ("ffn_gate", "ffn_up"):
            matrix(f"{block}{part}.weight", 2 * width, width, width**-0.5)
        matrix(f"{block}ffn_down.weight", width, 2 * width, (2 * width)**-0.5)
    writer.add_tensor("output_norm.weight", numpy.ones(width, dtype=numpy.float32))
    matrix("output.weight", len(tokens), width, width**-0.5, keep=speakable(tokens))


def make(vocabulary, path, width):
    tokens = vocabulary.fields["tokenizer.ggml.tokens"].contents()
    writer = gguf.GGUFWriter(path, "llama")
    describe(writer, path.stem, width, len(tokens))
    copy_tokenizer(vocabulary, writer)
    fill(writer, width, tokens)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = gguf.GGUFReader(sys.argv[1])
    for name, width in WIDTHS.items():
        make(vocabulary, folder / f"{name}.gguf", width)


if __name__ == "__main__":
    main()
