/// What an expression may cost. It is text from a configuration, yet its inputs come from outside.
enum Limits {
  /// Unicode scalars of source.
  static let source = 16_384
  /// Nesting as it is written (brackets, arguments, signs): above the 32 that the CEL specification asks for, and small
  /// enough for a thread's stack.
  static let depth = 64
  /// Levels of the tree: a chain such as `a || b || c` is one level deeper with each operation.
  static let tree = 256
  /// Nodes visited by one evaluation: nested macros over lists multiply.
  static let steps = 1_000_000
  /// Characters of a text, or elements of a list, that an expression may build.
  static let size = 1_000_000
}
