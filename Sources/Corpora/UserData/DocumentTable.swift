import Foundation
import Support
import SwiftCSV

/// A table of documents: comma-, semicolon- or tab-separated values, whose first row names the
/// columns.
enum DocumentTable {
  /// - Throws: `LineError` with the file and the row.
  static func read(_ text: String, _ url: URL) throws -> [UserDocument] {
    guard text.utf8.count(where: { $0 == UInt8(ascii: "\"") }) % 2 == 0 else {
      throw LineError(
        url, "has a quotation mark without its partner; write two of them for one that is text")
    }
    let table: CSV<Enumerated>
    do {
      // Line ends of every kind count as one.
      let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
      table = try CSV<Enumerated>(
        string: lines, delimiter: .guessed(string: lines), loadColumns: false)
    } catch {
      throw LineError(
        url,
        "is no table of comma-separated values (\(error)); save it as CSV with quotation marks "
          + "around texts that hold commas")
    }
    let columns = table.header.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    if let twice = columns.indices.first(where: { columns[..<$0].contains(columns[$0]) }) {
      throw LineError(
        url, line: 1, "names the column \(quoted(columns[twice])) twice; remove one of them")
    }
    return try table.rows.enumerated().compactMap { index, row in
      if row.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { return nil }
      do {
        guard row.dropFirst(columns.count).allSatisfy(\.isEmpty) else {
          throw LineProblem(
            "has more values than there are columns (\(columns.count)); put quotation marks around texts "
              + "that hold the separator")
        }
        let fields = zip(columns, row).filter { !$0.1.isEmpty }
          .map { (key: $0.0, value: JSONValue.string($0.1)) }
        return try DocumentRecord(fields).document()
      } catch let problem as LineProblem {
        let named = columns.map(quoted).joined(separator: ", ")
        throw LineError(
          url, "row \(index + 2) \(problem) (the columns are \(named))")
      }
    }
  }
}
