"""BERTopic with its defaults, a program of its own: `topics.py` starts it with the Python that has it.

    python benchmarks/peer_topics.py TEXTS.json MODEL_FOLDER

Reads a JSON list of texts, embeds them with the sentence-transformers model of the folder, and writes one
line of JSON: the seconds after all imports, how many topics there are, and how many texts are in one.
"""

import json
import sys
import time
from pathlib import Path

from bertopic import BERTopic
from sentence_transformers import SentenceTransformer

texts: list[str] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
start = time.perf_counter()
model = SentenceTransformer(sys.argv[2], device="cpu", local_files_only=True)
vectors = model.encode(texts, show_progress_bar=False)
embedded = time.perf_counter()
topics = BERTopic(embedding_model=model)
found, _ = topics.fit_transform(texts, embeddings=vectors)
names = topics.get_topic_info()["Name"]
answer = {
    "steps": {"embedding": embedded - start, "topics": time.perf_counter() - embedded},
    "found": {"topics": len(names) - (-1 in found), "themed": sum(topic >= 0 for topic in found)},
}
sys.stdout.write(json.dumps(answer) + "\n")
