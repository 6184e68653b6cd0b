import Foundation

/// Walks over JSON byte by byte: what Foundation's parser hides (keys that come twice, exact integers)
/// can be seen, nesting is bounded, and nothing is kept in memory but what is asked for.
struct JSONScanner {
  /// What is not valid JSON, or not the JSON that was expected.
  struct Failure: Error {
    let position: Int
    let reason: String
  }

  static let deepestNesting = 64

  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func failure(_ reason: String) -> Failure { Failure(position: position, reason: reason) }

  /// The next byte that is not white space, nil at the end.
  mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return bytes[position]
      }
    }
    return nil
  }

  /// Takes `character` if it is next.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let next = peek(), UInt32(next) == character.value else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws {
    guard take(character) else { throw failure("'\(character)' was expected") }
  }

  /// An object: `member` is called at each value with its key, and takes the value.
  mutating func object(_ member: (inout JSONScanner, String) throws -> Void) throws {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while take(",")
    try expect("}")
  }

  /// An array: `element` is called at each value, and takes it.
  mutating func array(_ element: (inout JSONScanner) throws -> Void) throws {
    try expect("[")
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    try expect("]")
  }

  mutating func string() throws -> String {
    guard peek() == UInt8(ascii: "\"") else { throw failure("a string was expected") }
    let start = position
    var end = start + 1
    var hasEscapes = false
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      guard bytes[end] >= 0x20 else { throw failure("a string holds a control character") }
      if bytes[end] == UInt8(ascii: "\\") {
        hasEscapes = true
        end += 1
      }
      end += 1
    }
    guard end < bytes.count else { throw failure("a string does not end") }
    let text: String?
    if hasEscapes {
      text = try? JSONDecoder().decode(String.self, from: Data(bytes[start...end]))
    } else {
      text = String(bytes: bytes[start + 1..<end], encoding: .utf8)
    }
    guard let text else { throw failure("a string is not valid") }
    position = end + 1
    return text
  }

  /// An integer as its sign and size; nil for the size if it does not fit in 63 bits.
  mutating func integer() throws -> (isNegative: Bool, magnitude: Int?) {
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

  /// Takes any value.
  mutating func skipValue(depth: Int = 0) throws {
    guard depth < Self.deepestNesting else {
      throw failure("nested deeper than \(Self.deepestNesting)")
    }
    switch peek() {
    case UInt8(ascii: "{"): try object { scanner, _ in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["): try array { try $0.skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    default: try skipWord()
    }
  }

  /// Takes `true`, `false`, `null` or a number.
  private mutating func skipWord() throws {
    let word = bytes[position...].prefix { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
      default: false
      }
    }
    let text = String(decoding: word, as: UTF8.self)
    let isNumber =
      text.allSatisfy { "0123456789+-.eE".contains($0) } && text.first != "+" && text.first != "."
      && Double(text) != nil
    guard isNumber || ["true", "false", "null"].contains(text) else {
      throw failure("a value was expected")
    }
    position += word.count
  }

  /// Checks that nothing but white space follows.
  mutating func end() throws {
    guard peek() == nil else { throw failure("something follows the end") }
  }
}
