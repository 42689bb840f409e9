"""A running Causeway and a client that knows what it was told: what the scripts beside this file break things with."""
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

# Who is ended from outside tidies up too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

TOKEN = "a-token-of-the-test-and-of-no-worth"
ANSWER_SECONDS = 30

CONFIGURATION = """
data: ./data
listen: {{ public: 127.0.0.1:{port}, console: unix:{folder}/console.sock }}
{more}
endpoints:
  hook:
    kind: json
    id: body.id
    verify: [ {{ token: {{ secrets: ["env:HOOK_TOKEN"] }} }} ]
"""


class Service:
    """`causeway serve` on a folder; `before` is what its command line stands behind, such as strace."""

    def __init__(self, program, folder, port, more="", before=()):
        self.program, self.folder, self.port, self.before = program, folder, port, list(before)
        self.process = None
        os.makedirs(folder, exist_ok=True)
        with open(folder + "/causeway.yaml", "w") as file:
            file.write(CONFIGURATION.format(port=port, folder=folder, more=more))

    def start(self, wait=True):
        """Starts it and waits until it is ready: seconds, or None where it ended before."""
        environment = dict(os.environ, HOOK_TOKEN=TOKEN)
        with open(self.folder + "/log", "ab") as log:
            self.process = subprocess.Popen(
                self.before + [self.program, "serve", "--config", self.folder], env=environment, stdout=log, stderr=log,
                start_new_session=True)
        return self.ready() if wait else None

    def ready(self):
        started = time.monotonic()
        while self.process.poll() is None and time.monotonic() - started < 60:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 30) as client:
                    client.sendall(b"GET /readyz HTTP/1.1\r\nHost: causeway\r\nConnection: close\r\n\r\n")
                    if client.recv(4096).startswith(b"HTTP/1.1 200"):
                        return time.monotonic() - started
            except OSError:
                pass
            time.sleep(0.005)
        return None

    def kill(self):
        """All of its process group at once, as a crash does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(60)

    def said(self, most=3000):
        with open(self.folder + "/log", errors="replace") as file:
            return file.read()[-most:]

    def events(self):
        """The ids that the queue lists."""
        listing = subprocess.run(
            [self.program, "events", "list", "--json", "--config", self.folder], stdout=subprocess.PIPE, check=True).stdout
        return [json.loads(line)["id"] for line in listing.splitlines()]


class Senders:
    """Connections that each send one event after the other, every event with an id of its own, until told to stop.

    `acknowledged` has the ids that were answered with 202, `refused` the seconds that each 503 took; what else went wrong
    is in `broken`, and so is a 503 that does not say when to come again. A connection that breaks is opened again.
    """

    def __init__(self, port, connections, name="e", padding=400, pause=0.0):
        self.port, self.connections, self.name, self.pause = port, connections, name, pause
        self.padding = "x" * padding
        self.acknowledged, self.sent, self.refused, self.broken = set(), set(), [], []
        self.last_refusal = self.last_acknowledgement = 0.0
        self.stopping = False
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()), daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.stopping = True
        self.thread.join()

    async def run(self):
        await asyncio.gather(*(self.work(index) for index in range(self.connections)))

    async def work(self, index):
        connection, turn = None, 0
        while not self.stopping:
            name = f"{self.name}-{index}-{turn}"
            turn += 1
            try:
                if connection is None:
                    connection = await asyncio.open_connection("127.0.0.1", self.port)
                self.sent.add(name)
                connection = await asyncio.wait_for(self.send(connection, name), ANSWER_SECONDS)
            except (OSError, asyncio.IncompleteReadError):
                # Nobody said anything: it may be stored and may be not.
                connection = None
                await asyncio.sleep(0.002)
            except Exception as error:
                self.broken.append(f"{name}: {error!r}")
                connection = None
            if self.pause:
                await asyncio.sleep(self.pause)
        if connection:
            connection[1].close()

    async def send(self, connection, name):
        reader, writer = connection
        body = json.dumps({"id": name, "padding": self.padding}).encode()
        began = time.monotonic()
        writer.write(
            f"POST /hooks/hook/{TOKEN} HTTP/1.1\r\nHost: causeway\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        now = time.monotonic()
        status = head.split(" ")[1]
        if status == "202":
            self.acknowledged.add(name)
            self.last_acknowledgement = now
        elif status == "503":
            self.refused.append(now - began)
            self.last_refusal = now
            if "retry-after:" not in head:
                self.broken.append(f"{name}: 503 without Retry-After")
        else:
            self.broken.append(f"{name}: {head.splitlines()[0]}")
        if "connection: close" in head:
            writer.close()
            return None
        return connection


def compare(acknowledged, sent, listed):
    """What is wrong with what the queue lists, given what a client was told."""
    wrong = []
    stored = set(listed)
    if len(stored) != len(listed):
        wrong.append(f"{len(listed) - len(stored)} events are there twice")
    if acknowledged - stored:
        wrong.append(f"{len(acknowledged - stored)} acknowledged events are lost: {sorted(acknowledged - stored)[:5]}")
    if stored - sent:
        wrong.append(f"{len(stored - sent)} events were never sent: {sorted(stored - sent)[:5]}")
    return wrong
