"""The published libraries of tokenizers, called by themselves: they train small ones, and count."""

import json
import pathlib
import re
import subprocess

from support.helpers import helper

SONNETS = (pathlib.Path(__file__).resolve().parents[3] / "src/prompt/sonnets.c").read_text()

TRAIN = """
import io, json, sys
import sentencepiece, tokenizers
from tokenizers import models, pre_tokenizers, processors, trainers
lines = json.load(sys.stdin)
made = tokenizers.Tokenizer(models.BPE(unk_token="[U]"))
made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
made.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=600, special_tokens=["[U]", "[B]"], show_progress=False))
made.post_processor = processors.TemplateProcessing(single="[B] $A", special_tokens=[("[B]", made.token_to_id("[B]"))])
made.enable_truncation(5)  # such files are published; counts are of the whole text
made.save("tokenizer.json")
model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=model, vocab_size=400,
    model_type="bpe", byte_fallback=True, hard_vocab_limit=False, minloglevel=2)
open("pieces.model", "wb").write(model.getvalue())
"""

COUNT = """
import json, sys
path, texts = json.load(sys.stdin)
if path.endswith(".model"):
    import sentencepiece
    counter = sentencepiece.SentencePieceProcessor()
    counter.Load(path)
    print(json.dumps([len(counter.EncodeAsIds(text)) for text in texts]))
else:
    import tokenizers
    counter = tokenizers.Tokenizer.from_file(path)
    counter.no_truncation()
    print(json.dumps([len(counter.encode(text, add_special_tokens=False).tokens) for text in texts]))
"""


def python(script, given, folder):
    done = subprocess.run([helper("tokenizer") / "bin/python", "-c", script], input=json.dumps(given), text=True,
                          capture_output=True, cwd=folder, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def train(folder):
    """A tokenizer.json and a SentencePiece model, pieces.model, trained on our own sonnets."""
    python(TRAIN, re.findall(r'"([^"]+)",', SONNETS), folder)


def counts(path, texts):
    """The tokens of each text, without special ones."""
    return json.loads(python(COUNT, [str(path), texts], pathlib.Path(path).parent))
