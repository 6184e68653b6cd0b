import Foundation

/// Finds added tokens in a text: the leftmost, and of several at one place the longest, as
/// `added_vocabulary.rs` of the `tokenizers` library does.
struct AddedTokenMatcher: Sendable {
  enum Part: Equatable {
    case token(Int32)
    case text([UInt8])
  }

  private struct Entry: Sendable {
    let token: AddedToken
    let bytes: [UInt8]
  }

  /// The tokens that begin with each byte, the longest first.
  private let entries: [[Entry]]

  /// - Parameter composes: whether spellings are brought to the composed form, as the text is.
  init(_ tokens: [AddedToken], composes: Bool) {
    var entries = [[Entry]](repeating: [], count: tokens.isEmpty ? 0 : 256)
    for token in tokens {
      let spelling =
        composes ? token.content.precomposedStringWithCanonicalMapping : token.content
      let bytes = Array(spelling.utf8)
      guard let first = bytes.first else { continue }
      entries[Int(first)].append(Entry(token: token, bytes: bytes))
    }
    self.entries = entries.map { $0.sorted { $0.bytes.count > $1.bytes.count } }
  }

  /// The parts of a text in order; no `.text` is empty.
  func parts(of bytes: [UInt8]) -> [Part] {
    guard !entries.isEmpty else { return bytes.isEmpty ? [] : [.text(bytes)] }
    var parts: [Part] = []
    /// The end of the last token, with the spaces that it includes.
    var done = 0
    var position = 0
    while position < bytes.count {
      guard let entry = match(at: position, in: bytes) else {
        position += 1
        continue
      }
      var (start, end) = (position, position + entry.bytes.count)
      position = end
      let token = entry.token
      if token.singleWord, isInsideWord(start, end, bytes) { continue }
      if token.lstrip { start = max(done, beginningOfSpaces(before: start, in: bytes)) }
      if token.rstrip { end = endOfSpaces(from: end, in: bytes) }
      if done < start { parts.append(.text(Array(bytes[done..<start]))) }
      parts.append(.token(token.id))
      done = end
    }
    if done < bytes.count { parts.append(.text(Array(bytes[done...]))) }
    return parts
  }

  private func match(at position: Int, in bytes: [UInt8]) -> Entry? {
    entries[Int(bytes[position])].first { entry in
      bytes.count - position >= entry.bytes.count
        && bytes[position..<position + entry.bytes.count].elementsEqual(entry.bytes)
    }
  }

  private func endOfSpaces(from position: Int, in bytes: [UInt8]) -> Int {
    var position = position
    while position < bytes.count {
      let next = PreTokenizer.scalar(at: position, in: bytes)
      guard next.kind == .space else { break }
      position += next.length
    }
    return position
  }

  private func beginningOfSpaces(before end: Int, in bytes: [UInt8]) -> Int {
    var start = end
    while start > 0 {
      let previous = beginningOfScalar(before: start, in: bytes)
      guard PreTokenizer.scalar(at: previous, in: bytes).kind == .space else { break }
      start = previous
    }
    return start
  }

  private func beginningOfScalar(before end: Int, in bytes: [UInt8]) -> Int {
    var start = end - 1
    while start > 0, end - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  private func isInsideWord(_ start: Int, _ end: Int, _ bytes: [UInt8]) -> Bool {
    func isWord(_ range: Range<Int>) -> Bool {
      guard let scalar = String(decoding: bytes[range], as: UTF8.self).unicodeScalars.first else {
        return false
      }
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
        return true
      default: return scalar.properties.isAlphabetic || scalar.properties.isJoinControl
      }
    }
    let before = start > 0 && isWord(beginningOfScalar(before: start, in: bytes)..<start)
    let after =
      end < bytes.count
      && isWord(end..<end + PreTokenizer.scalar(at: end, in: bytes).length)
    return before || after
  }
}
