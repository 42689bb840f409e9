import Glibc

/// An open file, socket or pipe with one owner; the end of the owner's life closes it.
public struct FileDescriptor: ~Copyable, Sendable {
  /// The kernel's number, for calls that only borrow it.
  public let number: Int32

  /// Takes over an open descriptor.
  public init(owning number: Int32) { self.number = number }

  deinit { _ = Glibc.close(number) }

  /// Gives the number away: the caller closes it from now on.
  public consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }

  /// Closes now and tells the error, which `deinit` cannot. On Linux the number is free again even after an error.
  public consuming func close() throws(Errno) {
    let number = number
    discard self
    if Glibc.close(number) != 0 {
      let error = Errno.last
      if error != .interrupted { throw error }
    }
  }

  /// Reads what is there, at most the buffer's length; 0 is the end. `offset` nil: from the descriptor's own position.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64? = nil) throws(Errno) -> Int {
    if let offset { return try retrying { pread(number, buffer.baseAddress, buffer.count, Int(offset)) } }
    return try retrying { Glibc.read(number, buffer.baseAddress, buffer.count) }
  }

  /// Writes what fits; how many bytes were taken.
  public func write(_ buffer: UnsafeRawBufferPointer, at offset: Int64? = nil) throws(Errno) -> Int {
    if let offset { return try retrying { pwrite(number, buffer.baseAddress, buffer.count, Int(offset)) } }
    return try retrying { Glibc.write(number, buffer.baseAddress, buffer.count) }
  }

  /// A pipe, close-on-exec.
  public static func pipe() throws(Errno) -> Pipe {
    var ends: [Int32] = [0, 0]
    _ = try retrying { Glibc.pipe(&ends) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return Pipe(reading: FileDescriptor(owning: ends[0]), writing: FileDescriptor(owning: ends[1]))
  }

  /// The two ends of a pipe.
  public struct Pipe: ~Copyable, Sendable {
    public let reading: FileDescriptor
    public let writing: FileDescriptor
  }
}
