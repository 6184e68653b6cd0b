/// A table of the page, as its template takes it.
struct Table {
  struct Row {
    let name: String
    var rowMark: String?
    /// What the mark says, for readers who cannot see it.
    var rowNote: String?
    let cells: [Cell]
    var isSum = false
  }

  struct Cell: ExpressibleByStringLiteral {
    let text: String
    var kind: String?
    var cellMark: String?
    /// What mark and kind say, for readers who cannot see them.
    var cellNote: String?

    init(_ text: String, kind: String? = nil, mark: String? = nil, note: String? = nil) {
      self.text = text
      self.kind = kind
      cellMark = mark
      cellNote = note
    }

    init(stringLiteral text: String) { self.init(text) }
  }

  let caption: String
  let head: [String]
  let rows: [Row]
}
