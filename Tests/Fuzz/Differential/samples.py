"""Writes the requests of llhttp's own tests into a folder, one file each: samples.py FILE FOLDER"""

import base64
import json
import os
import sys

source, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
with open(source, encoding="utf-8") as file:
    for number, line in enumerate(file):
        case = json.loads(line)
        if case["type"].startswith("request"):
            stream = base64.b64decode(case["input"]).replace(b" HTTP/1.1\r\n", b" HTTP/1.1\r\nHost: a\r\n")
            with open(f"{folder}/{number:03}", "wb") as sample:
                sample.write(stream)
