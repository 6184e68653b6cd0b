import Support

/// The fields of a record that a user wrote, an object of JSON or a row of a table, read strictly.
struct UserRecord {
  private let fields: [String: JSONValue]

  /// - Parameter fields: of which those that are null do not count.
  init(_ fields: [(key: String, value: JSONValue)]) {
    self.fields = Dictionary(
      fields.filter { if case .null = $0.value { false } else { true } },
      uniquingKeysWith: { first, _ in first })
  }

  subscript(key: String) -> JSONValue? { fields[key] }

  /// - Throws: `LineProblem` where it is no string.
  func text(_ key: String) throws -> String? {
    try value(key, "a string", \.string)
  }

  /// - Throws: `LineProblem` where it is no list of strings.
  func texts(_ key: String) throws -> [String]? {
    try value(key, "a list", \.elements)?.enumerated().map { index, element in
      guard let text = element.string else {
        throw LineProblem("\(key)[\(index)] must be a string; correct it")
      }
      return text
    }
  }

  /// - Throws: `LineProblem` where it is neither true nor false.
  func flag(_ key: String) throws -> Bool? {
    try value(key, "true or false", \.boolean)
  }

  private func value<Value>(
    _ key: String, _ kind: String, _ read: (JSONValue) -> Value?
  ) throws -> Value? {
    guard let value = fields[key] else { return nil }
    guard let found = read(value) else { throw LineProblem("\(key) must be \(kind); correct it") }
    return found
  }

  /// The keys that are not among `known`, in alphabetical order.
  func keys(otherThan known: [String]) -> [String] {
    fields.keys.filter { !known.contains($0) }.sorted()
  }

  /// The most keys that are named.
  private static let mostNamed = 8

  /// What to say of a file with keys that nothing reads: `; not read: "titel", "url"`.
  static func note(onUnread keys: some Sequence<String>) -> String {
    let names = Set(keys).sorted()
    guard !names.isEmpty else { return "" }
    let more = names.count > mostNamed ? " and \(names.count - mostNamed) more" : ""
    return "; not read: " + names.prefix(mostNamed).map(quoted).joined(separator: ", ") + more
  }
}
