"""Sentences to vectors: all-MiniLM-L6-v2 in int8, run by ONNX on the processor.

A vector is the mean of the tokens' vectors, made a unit: the cosine of two says
how near their meanings are.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import tokenizers

DIMENSIONS = 384
TOKENS = 128  # what the model was trained on; the rest of a text is not seen


class Model:
    """folder has model.onnx and tokenizer.json, by dev.d/52-texts.sh."""

    def __init__(self, folder):
        folder = Path(folder)
        for name in ("model.onnx", "tokenizer.json"):
            if not (folder / name).is_file():
                raise SystemExit(f"there is no model: {folder / name} is"
                                 f" missing; ./dev demo search fetches it")
        self.tokenizer = tokenizers.Tokenizer.from_file(
            str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(TOKENS)
        self.tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # A text is one thread's: threads that share one wait for each other.
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options,
            providers=["CPUExecutionProvider"])

    def embed(self, texts):
        """An array of float32, a row of DIMENSIONS for each text.

        One at a time: batches gain nothing on a processor, and in int8 a text's
        vector would depend on those beside it."""
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
            rows = list(threads.map(self.vector, texts))
        return np.array(rows, np.float32).reshape(len(texts), DIMENSIONS)

    def vector(self, text):
        tokens = self.tokenizer.encode(text)
        ids = np.array([tokens.ids], np.int64)
        hidden, = self.session.run(None, {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        })
        mean = hidden[0].mean(0)
        return mean / np.linalg.norm(mean)
