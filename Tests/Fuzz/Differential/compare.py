"""Compares what Causeway read of streams of requests with what h11 and llhttp read of them.

Every message that was accepted here they must read alike: method, target, version, framing, body, and where it ends.
What is refused here is never a difference. Reads the output of `fuzz-streams` on standard input.
"""

import argparse
import re
import struct
import sys
from collections import Counter

import h11
import llhttp

NONE, CHUNKED = 2**64 - 1, 2**64 - 2

# What another reader refuses though it is accepted here, and why that is well. An entry that is met no more is an error.
LISTED = {
    "h11: an empty line before the request line": "RFC 9112 2.2 asks a server to ignore it",
    "llhttp: something follows Proxy-Connection: close": "no field of HTTP (RFC 9112 C.2.2); to llhttp it is Connection",
    "llhttp: a tab behind a length or an option of the connection": "white space as RFC 9110 5.6.3 has it",
}


class Message:
    __slots__ = ("method", "target", "version", "framing", "body", "complete", "start", "head_end", "end")


class Difference(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Difference(what)


def streams(file):
    """Seed, stream, messages, as fuzz-streams writes them."""

    def number(form, size):
        return struct.unpack(form, file.read(size))[0]

    def text():
        return file.read(number("<I", 4))

    while start := file.read(8):
        (seed,) = struct.unpack("<Q", start)
        stream = text()
        messages, end = [], 0
        for _ in range(number("<I", 4)):
            message = Message()
            message.method, message.target = text(), text()
            message.version = (1, file.read(1)[0])
            message.framing = number("<Q", 8)
            message.body = text()
            message.complete = file.read(1)[0] == 1
            message.start, message.head_end, message.end = end, number("<I", 4), number("<I", 4)
            end = message.end
            messages.append(message)
        yield seed, stream, messages


def pieces(stream, message):
    """The head but for its last octet, that octet, the body but for its last octet, that octet: so that what ends is
    known to end there and not before."""
    head = [stream[message.start : message.head_end - 1], stream[message.head_end - 1 : message.head_end]]
    if message.end == message.head_end:
        return head, []
    if not message.complete:
        return head, [stream[message.head_end : message.end]]
    body = [stream[message.head_end : message.end - 1], stream[message.end - 1 : message.end]]
    return head, [piece for piece in body if piece]


def compare(reader, stream, messages):
    """`reader` is told of a message's pieces, and says what it has read of it."""
    reader.start()
    for message in messages:
        head, body = pieces(stream, message)
        reader.begin()
        try:
            reader.feed(head[0])
            expect(reader.head is None, "the head ends before")
            reader.feed(head[1])
            expect(reader.head is not None, "the head does not end there")
            method, target, version, length = reader.head
            expect(method == message.method, "another method")
            expect(target == message.target, "another target")
            expect(version == message.version, "another version")
            expect(length is None or message.framing == (length or NONE) or message.framing == length, "another length")
        except reader.refusals as error:
            raise Difference(reader.reason(stream, message, error)) from None
        try:
            for place, piece in enumerate(body):
                expect(not reader.done, "the message ends before")
                reader.feed(piece)
        except reader.refusals as error:
            if not message.complete:
                return  # not accepted here either, yet
            raise Difference(reader.reason(stream, message, error)) from None
        expect(reader.done == message.complete, "the message does not end there")
        expect(reader.body == message.body, "another body")


class H11:
    name = "h11"
    refusals = h11.RemoteProtocolError

    def start(self):
        pass

    def begin(self):
        # A connection for each message: h11 wants an answer before it reads on.
        self.connection = h11.Connection(h11.SERVER, max_incomplete_event_size=65536)
        self.head, self.body, self.done = None, b"", False

    def feed(self, data):
        self.connection.receive_data(data)
        while not self.done:
            event = self.connection.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return
            if type(event) is h11.Request:
                version = (1, 1) if event.http_version == b"1.1" else (1, 0)
                self.head = (bytes(event.method), bytes(event.target), version, None)
            elif type(event) is h11.Data:
                self.body += event.data
            elif type(event) is h11.EndOfMessage:
                self.done = True
        expect(self.connection.trailing_data[0] == b"", "something is left of the message")

    def reason(self, stream, message, error):
        if "no request line" in str(error) and stream[message.start : message.start + 2] == b"\r\n":
            return "an empty line before the request line"
        return f"refused: {error}"


class Llhttp(llhttp.Request):
    """llhttp in its strict mode, one request after the other."""

    name = "llhttp"
    refusals = llhttp.Error

    def start(self):
        self.reset()

    def begin(self):
        if self.error is not None:
            # It stops behind a request that asks for an Upgrade, and leaves what follows to whoever grants it.
            self.reset()
        self.method_parts, self.target_parts, self.body_parts = [], [], []
        self.head, self.done = None, False

    def feed(self, data):
        self.execute(data)

    @property
    def body(self):
        return b"".join(self.body_parts)

    def on_method(self, data):
        self.method_parts.append(bytes(data))
        return 0

    def on_url(self, data):
        self.target_parts.append(bytes(data))
        return 0

    def on_headers_complete(self):
        method, target = b"".join(self.method_parts), b"".join(self.target_parts)
        self.head = (method, target, (self.major, self.minor), self.content_length)
        return 0

    def on_body(self, data):
        self.body_parts.append(bytes(data))
        return 0

    def on_message_complete(self):
        self.done = True
        return 0

    def reason(self, stream, message, error):
        before, head = stream[: message.start].lower(), stream[message.start : message.head_end].lower()
        if "Connection: close" in str(error) and b"proxy-connection:" in before:
            return "something follows Proxy-Connection: close"
        if "Content-Length" in str(error) and re.search(rb"\ncontent-length:[ \t]*[0-9]+ *\t", head) or (
            # It has not seen that the connection of an HTTP/1.0 request is kept.
            "Connection: close" in str(error) and re.search(rb"\nconnection:[^\n]*keep-alive *\t", before)
        ):
            return "a tab behind a length or an option of the connection"
        return f"refused: {error}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listed", action="store_true", help="demand that every listed difference is met")
    parser.add_argument("--label", default="")
    options = parser.parse_args()
    met, found, count, messages_read = Counter(), Counter(), 0, 0
    readers = [H11(), Llhttp()]
    for seed, stream, messages in streams(sys.stdin.buffer):
        count += 1
        messages_read += len(messages)
        for reader in readers:
            try:
                compare(reader, stream, messages)
            except Difference as difference:
                what = f"{reader.name}: {difference}"
                if what in LISTED:
                    met[what] += 1
                    continue
                found[what] += 1
                if found[what] <= 3:
                    print(f"DIFFERENCE seed {seed}: {what}\n  {stream!r}", flush=True)
    listed = ", ".join(f"{what} ({number})" for what, number in met.items()) or "none"
    print(f"differential {options.label}: {count} streams accepted, {messages_read} messages, "
          f"{sum(found.values())} differences, listed: {listed}")
    unmet = [what for what in LISTED if options.listed and not met[what]]
    for what in unmet:
        print(f"A listed difference is met no more, take it off the list: {what}")
    sys.exit(1 if found or unmet else 0)


main()
