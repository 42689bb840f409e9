/// What an `XMLReader` has open. What is taken away stays as memory for what comes next, so that once it is as large as it
/// has to be, nothing is moved, counted or freed any more.
struct XMLStack<Element> {
  private var storage: [Element] = []
  /// How many there are: less is set, more is appended.
  var count = 0

  var isEmpty: Bool { count == 0 }

  @inline(__always)
  subscript(_ index: Int) -> Element {
    get { storage[index] }
    set { storage[index] = newValue }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count < storage.count {
      storage[count] = element
    } else {
      grow(element)
    }
    count += 1
  }

  @inline(never)
  private mutating func grow(_ element: Element) {
    if storage.isEmpty { storage.reserveCapacity(8) }
    storage.append(element)
  }
}
