/// What an expression may name, in the place where it stands.
public struct Scope: Sendable {
  public var variables: [String: ValueType]
  /// Names of functions of `Catalogue`; nil: all of them.
  public var functions: Set<String>?

  public init(_ variables: [String: ValueType] = [:], functions: Set<String>? = nil) {
    self.variables = variables
    self.functions = functions
  }

  /// The same scope with another variable.
  public func with(_ name: String, _ type: ValueType) -> Scope {
    var copy = self
    copy.variables[name] = type
    return copy
  }
}

extension ValueType {
  /// Whether a value of this type can stand where `place` is expected. Unknown types are the evaluation's to judge.
  public func fits(_ place: ValueType) -> Bool {
    switch (self, place) {
    case (_, .dyn), (.dyn, _): true
    case (.null, .optional), (.null, .null): true
    case (.optional(let a), .optional(let b)): a.fits(b)
    case (.optional, _): false
    case (let a, .optional(let b)): a.fits(b)
    case (let a, .decimal): a.isNumber
    case (.list(let a), .list(let b)): a.fits(b)
    case (.map(let k, let v), .map(let l, let w)): k.fits(l) && v.fits(w)
    case (.record, .map(let key, _)): ValueType.string.fits(key)
    case (let a, let b): a == b
    }
  }
}

/// The name that was probably meant.
func suggestion(for name: String, among names: some Sequence<String>) -> String {
  let wanted = Array(name.lowercased().unicodeScalars)
  var best: (name: String, distance: Int)?
  for candidate in names.sorted() where candidate.utf8.count < 128 {
    let distance = editDistance(wanted, Array(candidate.lowercased().unicodeScalars))
    if distance <= max(1, wanted.count / 3), distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best.map { "; did you mean '\($0.name)'?" } ?? ""
}

/// Insertions, deletions, changes and swaps of neighbours between the two.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var before: [Int] = []
  var row = Array(0...b.count)
  for (i, left) in a.enumerated() {
    var next = [i + 1]
    for (j, right) in b.enumerated() {
      var best = left == right ? row[j] : min(row[j], row[j + 1], next[j]) + 1
      if i > 0, j > 0, left == b[j - 1], right == a[i - 1] { best = min(best, before[j - 1] + 1) }
      next.append(best)
    }
    before = row
    row = next
  }
  return row[b.count]
}
