/// Splits a long text at its headings and paragraphs.
///
/// A text of at most `maxLength` characters stays whole. In a longer one each section is a document
/// that begins with its headings, the outer ones first; a section that is too long itself is split
/// between paragraphs.
struct TextSections {
  /// In characters: a page or less, so that what is said of one thing stays together and what is
  /// said of others is apart.
  static let maxLength = 2000

  /// The documents of a text, without white space at their ends.
  ///
  /// - Parameter hasHeadings: whether lines may be headings, as in Markdown.
  static func documents(of text: String, hasHeadings: Bool) -> [String] {
    let whole = text.trimmed
    guard whole.count > maxLength else { return whole.isEmpty ? [] : [whole] }
    let sections = hasHeadings ? sections(of: whole) : [Section(headings: [], body: whole)]
    return sections.flatMap { section -> [String] in
      let head = section.headings.map { $0 + "\n" }.joined()
      return packed(section.body, room: max(1, maxLength - head.count))
        .map { head.isEmpty ? $0 : head + "\n" + $0 }
    }
  }

  private struct Section {
    /// The lines of the headings that it stands under.
    var headings: [String]
    var body: String
  }

  private static func sections(of text: String) -> [Section] {
    var sections: [Section] = []
    /// The open headings, by their levels.
    var open: [(level: Int, line: String)] = []
    var body: [Substring] = []
    var fence: Substring?
    func close() {
      let text = body.joined(separator: "\n").trimmed
      body = []
      guard !text.isEmpty else { return }
      sections.append(Section(headings: open.map(\.line), body: text))
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let start = line.drop { $0 == " " }
      if let opened = fence {
        if start.hasPrefix(opened) { fence = nil }
        body.append(line)
        continue
      }
      if start.hasPrefix("```") || start.hasPrefix("~~~") {
        fence = start.prefix(3)
        body.append(line)
        continue
      }
      if let level = level(ofHeading: start) {
        close()
        open.removeAll { $0.level >= level }
        open.append((level, String(start).trimmed))
      } else if let previous = body.last, !previous.allSatisfy(\.isWhitespace),
        let level = level(ofUnderline: start)
      {
        // The line before is the heading.
        body.removeLast()
        close()
        open.removeAll { $0.level >= level }
        open.append((level, String(previous).trimmed))
      } else {
        body.append(line)
      }
    }
    close()
    return sections
  }

  /// 2 for "## Travel"; nil for a line that is no heading.
  private static func level(ofHeading line: Substring) -> Int? {
    let marks = line.prefix { $0 == "#" }.count
    guard (1...6).contains(marks), let next = line.dropFirst(marks).first else { return nil }
    return next.isWhitespace ? marks : nil
  }

  /// 1 for "====", 2 for "----" below a line of text.
  private static func level(ofUnderline line: Substring) -> Int? {
    let marks = line.trimmed
    guard marks.count >= 3, let mark = marks.first, marks.allSatisfy({ $0 == mark }) else {
      return nil
    }
    return mark == "=" ? 1 : mark == "-" ? 2 : nil
  }

  /// Paragraphs, as many together as there is room for; one that is longer stays whole.
  private static func packed(_ text: String, room: Int) -> [String] {
    var parts: [String] = []
    var part = ""
    for paragraph in paragraphs(of: text) {
      let longer = part.isEmpty ? paragraph : part + "\n\n" + paragraph
      if longer.count <= room || part.isEmpty {
        part = longer
      } else {
        parts.append(part)
        part = paragraph
      }
    }
    return part.isEmpty ? parts : parts + [part]
  }

  private static func paragraphs(of text: String) -> [String] {
    var paragraphs: [String] = []
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) + [Substring()] {
      guard line.allSatisfy(\.isWhitespace) else {
        lines.append(line)
        continue
      }
      if !lines.isEmpty { paragraphs.append(lines.joined(separator: "\n").trimmed) }
      lines = []
    }
    return paragraphs
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  fileprivate var trimmed: String {
    guard let end = lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(self[...end].drop(while: \.isWhitespace))
  }
}
