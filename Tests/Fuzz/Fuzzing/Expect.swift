import Glibc

/// A property of what was read. Where it does not hold, the process ends, and libFuzzer keeps the input.
@inline(__always)
public func expect(_ holds: Bool, _ promise: StaticString) {
  if !holds { broken(promise) }
}

@inline(never)
public func broken(_ promise: StaticString) -> Never {
  promise.withUTF8Buffer { text in
    var line = Array("\nbroken promise: ".utf8) + Array(text) + [UInt8(ascii: "\n")]
    _ = write(2, &line, line.count)
  }
  abort()
}
