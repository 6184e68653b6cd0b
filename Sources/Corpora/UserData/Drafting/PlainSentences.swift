/// The sentences of a document, each on one line and without Markdown's marks.
///
/// Headings, tables and code are left out, and so is what does not end as a sentence does, unless
/// it is the whole document. A question keeps its answer: a question mark ends no sentence.
struct PlainSentences {
  static func sentences(of text: String) -> [String] {
    let blocks = blocks(of: text)
    let all = blocks.flatMap { sentences(ofBlock: $0) }
    // An answer may be no whole sentence, and yet all that a document says.
    return blocks.count == 1 ? all : all.filter(isWhole)
  }

  // MARK: Blocks

  /// Paragraphs and list items, each as one line.
  private static func blocks(of text: String) -> [String] {
    var blocks: [String] = []
    var lines: [Substring] = []
    var fence: Substring?
    func close() {
      let block = withoutMarks(lines.joined(separator: " "))
      lines = []
      guard !block.isEmpty else { return }
      // The answer of a question may stand in the next paragraph.
      if let last = blocks.last, last.hasSuffix("?") {
        blocks[blocks.count - 1] = last + " " + block
      } else {
        blocks.append(block)
      }
    }
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let body = line.drop { $0.isWhitespace || $0 == ">" }
      if let opened = fence {
        if body.hasPrefix(opened) { fence = nil }
      } else if body.hasPrefix("```") || body.hasPrefix("~~~") {
        close()
        fence = body.prefix(3)
      } else if isUnderline(body) {
        // The line before is a heading.
        lines.removeAll()
      } else if body.isEmpty || isNoProse(body) {
        close()
      } else if let item = listItem(body) {
        close()
        lines.append(item)
      } else {
        lines.append(body)
      }
    }
    close()
    return blocks
  }

  /// Whether a line is a heading, a row of a table or HTML.
  private static func isNoProse(_ line: Substring) -> Bool {
    let marks = line.prefix { $0 == "#" }
    if (1...6).contains(marks.count), line.dropFirst(marks.count).first?.isWhitespace == true {
      return true
    }
    return "|<".contains(line[line.startIndex])
  }

  private static func isUnderline(_ line: Substring) -> Bool {
    guard let mark = line.first, "=-*_".contains(mark) else { return false }
    let rest = line.filter { !$0.isWhitespace }
    return rest.count >= 3 && rest.allSatisfy { $0 == mark }
  }

  /// The text after the mark of a list item, such as "- " or "12. "; nil for another line.
  private static func listItem(_ line: Substring) -> Substring? {
    let digits = line.prefix { $0.isASCII && $0.isNumber }
    let rest = line.dropFirst(digits.count)
    guard let mark = rest.first, (digits.isEmpty ? "-*+•" : ".)").contains(mark),
      digits.count <= 3, rest.dropFirst().first?.isWhitespace == true
    else { return nil }
    return rest.dropFirst().drop(while: \.isWhitespace)
  }

  /// A line without the marks of emphasis, code and links, and with single spaces.
  private static func withoutMarks(_ line: String) -> String {
    var text = line.replacing("**", with: "").replacing("`", with: "")
    text.replace(/!\[[^\]]*\]\([^)]*\)/, with: "")
    text.replace(/\[([^\]]*)\]\([^)]*\)/) { String($0.output.1) }
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  // MARK: Sentences

  private static func sentences(ofBlock block: String) -> [String] {
    let characters = Array(block)
    var sentences: [String] = []
    var start = 0
    var place = 0
    while place < characters.count {
      defer { place += 1 }
      guard ".!".contains(characters[place]) else { continue }
      var end = place + 1
      while end < characters.count, "\"'”’)]".contains(characters[end]) { end += 1 }
      guard end < characters.count, characters[end].isWhitespace, end + 1 < characters.count,
        !characters[end + 1].isLowercase, !isAbbreviation(characters[start..<place])
      else { continue }
      sentences.append(String(characters[start..<end]))
      start = end + 1
      place = end
    }
    if start < characters.count { sentences.append(String(characters[start...])) }
    return sentences
  }

  /// Whether a full stop after a text belongs to its last word: "Dr", "e.g", "J".
  private static func isAbbreviation(_ text: ArraySlice<Character>) -> Bool {
    let word = String(text.reversed().prefix { !$0.isWhitespace && $0 != "(" }.reversed())
    if word.count == 1, word.first?.isUppercase == true { return true }
    return abbreviations.contains(word.lowercased())
  }

  private static let abbreviations: Set = [
    "mr", "mrs", "ms", "dr", "prof", "st", "no", "nr", "vs", "cf", "e.g", "i.e", "etc", "approx",
    "fig", "vol", "ed", "eds", "pp", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept",
    "oct", "nov", "dec", "inc", "ltd", "co", "al", "dept", "ext", "tel",
  ]

  private static func isWhole(_ sentence: String) -> Bool {
    // What begins in small letters goes on from a list or an example, unless a name does.
    let first = sentence.prefix { !$0.isWhitespace }
    guard
      first.first?.isLowercase != true || first.contains(where: { !$0.isLowercase && $0 != "," }),
      first.first?.isLetter == true || first.first?.isNumber == true
    else { return false }
    let end = sentence.last { !"\"'”’)]".contains($0) }
    return end == "." || end == "!"
  }
}
