import Foundation

/// Reads JSON byte by byte (RFC 8259). Unlike Foundation's parser it sees keys that come twice and
/// exact integers, bounds the nesting, and keeps nothing in memory but what the caller takes.
package struct JSONScanner {
  /// A place where the text is not valid JSON, or not the JSON that was expected.
  package struct Failure: Error, CustomStringConvertible {
    /// The byte, counted from 0.
    package let position: Int
    package let reason: String

    package var description: String { "byte \(position): \(reason)" }
  }

  /// The most objects and arrays that may be nested.
  package static let maxDepth = 64

  private let bytes: [UInt8]
  /// The next byte to be read.
  package private(set) var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Checks that a text is one JSON value in UTF-8, nested within bounds, in which no object has a
  /// key twice: readers differ in which of the two they take.
  ///
  /// - Throws: `Failure`.
  package static func check(_ bytes: [UInt8]) throws {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw Failure(position: 0, reason: "the text is not UTF-8")
    }
    var scanner = JSONScanner(bytes)
    try scanner.skipValue()
    try scanner.end()
  }

  package func failure(_ reason: String) -> Failure { Failure(position: position, reason: reason) }

  /// The next byte that is not white space, nil at the end.
  package mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return bytes[position]
      }
    }
    return nil
  }

  /// Takes `character` if it is next.
  package mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let next = peek(), UInt32(next) == character.value else { return false }
    position += 1
    return true
  }

  /// Takes `character`.
  ///
  /// - Throws: `Failure` where another one is next.
  package mutating func expect(_ character: Unicode.Scalar) throws {
    guard take(character) else { throw failure("'\(character)' was expected") }
  }

  /// Takes an object: `member` is called with each key and has to take the value.
  package mutating func object(_ member: (inout JSONScanner, String) throws -> Void) throws {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while take(",")
    try expect("}")
  }

  /// Takes an array: `element` is called at each element and has to take it.
  package mutating func array(_ element: (inout JSONScanner) throws -> Void) throws {
    try expect("[")
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    try expect("]")
  }

  /// Takes a string.
  package mutating func string() throws -> String {
    guard peek() == UInt8(ascii: "\"") else { throw failure("a string was expected") }
    let start = position + 1
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\") {
      guard bytes[end] >= 0x20 else { throw failure("a string holds a control character") }
      end += 1
    }
    guard end < bytes.count else { throw failure("a string does not end") }
    let hasEscapes = bytes[end] == UInt8(ascii: "\\")
    let text =
      hasEscapes
      ? String(validating: try unescaped(from: start, &end), as: UTF8.self)
      : String(validating: bytes[start..<end], as: UTF8.self)
    guard let text else { throw failure("a string is not valid UTF-8") }
    position = end + 1
    return text
  }

  /// The bytes of a string with escapes that begins at `start`; `end` becomes the position of its
  /// closing quotation mark.
  private func unescaped(from start: Int, _ end: inout Int) throws -> [UInt8] {
    var result: [UInt8] = []
    var index = start
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      let byte = bytes[index]
      guard byte >= 0x20 else { throw failure("a string holds a control character") }
      index += 1
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard index < bytes.count else { break }
      index += 1
      switch bytes[index - 1] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
        result.append(bytes[index - 1])
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"): result += try scalar(&index).utf8
      default: throw failure("a string holds an unknown escape")
      }
    }
    guard index < bytes.count else { throw failure("a string does not end") }
    end = index
    return result
  }

  /// The character of the four digits of `\uXXXX` at `index`, or of two such escapes that are a
  /// surrogate pair.
  private func scalar(_ index: inout Int) throws -> String {
    let first = try hexadecimal(&index)
    if let scalar = Unicode.Scalar(first) { return String(scalar) }
    guard first < 0xDC00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u")
    else { throw failure("a string holds half a surrogate pair") }
    index += 2
    let second = try hexadecimal(&index)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure("a string holds half a surrogate pair") }
    return String(scalar)
  }

  /// The value of the four digits at `index`.
  private func hexadecimal(_ index: inout Int) throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit = index < bytes.count ? Character(Unicode.Scalar(bytes[index])).hexDigitValue : nil
      guard let digit else { throw failure("a string holds an escape without four digits") }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  /// Takes an integer, as its sign and its size; the size is nil if it does not fit in 63 bits.
  package mutating func integer() throws -> (isNegative: Bool, magnitude: Int?) {
    let isNegative = take("-")
    var magnitude: Int? = 0
    let start = position
    while position < bytes.count, case let digit = Int(bytes[position]) - 48, 0...9 ~= digit {
      let (shifted, overflow) = (magnitude ?? 0).multipliedReportingOverflow(by: 10)
      let (sum, carry) = shifted.addingReportingOverflow(digit)
      magnitude = magnitude == nil || overflow || carry ? nil : sum
      position += 1
    }
    let length = position - start
    guard length > 0, length == 1 || bytes[start] != UInt8(ascii: "0") else {
      throw failure("an integer was expected")
    }
    if position < bytes.count, [UInt8(ascii: "."), 0x65, 0x45].contains(bytes[position]) {
      throw failure("an integer was expected")
    }
    return (isNegative && magnitude != 0, magnitude)
  }

  /// Takes any value in which no object has a key twice.
  package mutating func skipValue(depth: Int = 0) throws {
    guard depth < Self.maxDepth else {
      throw failure("nested deeper than \(Self.maxDepth) levels")
    }
    switch peek() {
    case UInt8(ascii: "{"):
      var keys: Set<String> = []
      try object { scanner, key in
        guard keys.insert(key).inserted else {
          throw scanner.failure("the key \(quoted(key)) comes twice")
        }
        try scanner.skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "["): try array { try $0.skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "-"), .some(0x30...0x39): try skipNumber()
    default: try skipWord()
    }
  }

  /// Takes any value in which no object has a key twice, and keeps it with the order of its keys.
  ///
  /// A number is an integer where it is written as one and fits; else it is what `Double` makes of
  /// it, which may be infinite.
  package mutating func value(depth: Int = 0) throws -> JSONValue {
    guard depth < Self.maxDepth else {
      throw failure("nested deeper than \(Self.maxDepth) levels")
    }
    switch peek() {
    case UInt8(ascii: "{"):
      var keys: Set<String> = []
      var members: [(key: String, value: JSONValue)] = []
      try object { scanner, key in
        guard keys.insert(key).inserted else {
          throw scanner.failure("the key \(quoted(key)) comes twice")
        }
        members.append((key, try scanner.value(depth: depth + 1)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try array { elements.append(try $0.value(depth: depth + 1)) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), .some(0x30...0x39):
      let start = position
      try skipNumber()
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      return Int(text).map(JSONValue.integer) ?? .number(Double(text) ?? .infinity)
    case let first:
      try skipWord()
      return first == UInt8(ascii: "n") ? .null : .boolean(first == UInt8(ascii: "t"))
    }
  }

  /// Takes `true`, `false` or `null`.
  private mutating func skipWord() throws {
    for word in ["true", "false", "null"] where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return
    }
    throw failure("a value was expected")
  }

  /// Takes a number.
  private mutating func skipNumber() throws {
    _ = takeByte("-")
    if !takeByte("0") { try skipDigits() }
    if takeByte(".") { try skipDigits() }
    if takeByte("e") || takeByte("E") {
      if !takeByte("-") { _ = takeByte("+") }
      try skipDigits()
    }
    if position < bytes.count, 0x30...0x39 ~= bytes[position] {
      throw failure("a number begins with 0")
    }
  }

  /// Takes one or more digits.
  private mutating func skipDigits() throws {
    let start = position
    while position < bytes.count, 0x30...0x39 ~= bytes[position] { position += 1 }
    guard position > start else { throw failure("a number was expected") }
  }

  /// Takes `character` if it is the very next one.
  private mutating func takeByte(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
    position += 1
    return true
  }

  /// The numbers in a text that `check` has passed, in order: where each stands, and its key's
  /// path.
  package static func numbers(
    _ bytes: [UInt8]
  ) throws -> [(path: String, range: Range<Int>)] {
    var scanner = JSONScanner(bytes)
    var numbers: [(path: String, range: Range<Int>)] = []
    try scanner.collectNumbers(at: "", &numbers)
    return numbers
  }

  private mutating func collectNumbers(
    at path: String, _ numbers: inout [(path: String, range: Range<Int>)]
  ) throws {
    switch peek() {
    case UInt8(ascii: "{"):
      try object { scanner, key in
        try scanner.collectNumbers(at: Self.path(path, key: key), &numbers)
      }
    case UInt8(ascii: "["):
      var index = 0
      try array { scanner in
        try scanner.collectNumbers(at: Self.path(path, index: index), &numbers)
        index += 1
      }
    case UInt8(ascii: "-"), .some(0x30...0x39):
      let start = position
      try skipNumber()
      numbers.append((path, start..<position))
    default: try skipValue()
    }
  }

  /// The path of a key in the object at `path`: `stages[0].row_length`. A key that is no plain word
  /// is quoted.
  package static func path(_ path: String, key: String) -> String {
    let isWord =
      !key.isEmpty && key.utf8.count <= 100
      && key.unicodeScalars.allSatisfy {
        $0 == "_" || $0.properties.isAlphabetic
          || $0.properties.numericType != nil
      }
    let key = isWord ? key : quoted(key)
    return path.isEmpty ? key : path + "." + key
  }

  /// The path of an element of the array at `path`.
  package static func path(_ path: String, index: Int) -> String { path + "[\(index)]" }

  /// Checks that nothing but white space follows.
  package mutating func end() throws {
    guard peek() == nil else { throw failure("something follows the end") }
  }
}
