"""Counts tokens by a published tokenizer, for coebench: `python -I -c SCRIPT FILE`, where FILE is a tokenizer.json
(Hugging Face tokenizers) or a SentencePiece model.

First it prints `ready LIBRARY VERSION`. Then it reads a text at a time, the line `LENGTH` and so many bytes of UTF-8,
and prints `count TOKENS`: of the text alone, without special tokens and without a chat template. What it cannot do is
a line `fault SENTENCE`. It ends with its input, and does nothing while it waits for it."""

import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"


def say(line):
    sys.stdout.buffer.write(" ".join(line.split()).encode("utf-8", "replace")[:1000] + b"\n")
    sys.stdout.buffer.flush()


def by_tokenizers(path):
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return f"tokenizers {tokenizers.__version__}", lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def by_sentencepiece(path):
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=path)
    return f"sentencepiece {sentencepiece.__version__}", lambda text: len(processor.encode(text, add_bos=False, add_eos=False))


def main(path):
    reader = by_sentencepiece if path.endswith(".model") else by_tokenizers
    try:
        library, count = reader(path)
        count("one text")
    except BaseException as error:  # a panic of the library is no Exception
        say(f"fault {type(error).__name__}: {error}")
        return
    say(f"ready {library}")
    source = sys.stdin.buffer
    while header := source.readline(32):
        text = source.read(int(header)).decode("utf-8", "replace")
        try:
            say(f"count {count(text)}")
        except BaseException as error:
            say(f"fault {type(error).__name__}: {error}")


main(sys.argv[1])
