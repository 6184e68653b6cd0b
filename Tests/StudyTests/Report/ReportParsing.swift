import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A page read back: it is also valid for an XML parser.
final class ParsedPage: NSObject, XMLParserDelegate {
  struct Drawing {
    var role = ""
    var labels: [String] = []
    var title = ""
    var description = ""
  }

  /// The drawings that show something; not the one that only holds patterns.
  private(set) var drawings: [Drawing] = []
  private(set) var elements: Set<String> = []
  private(set) var ids: [String] = []
  private(set) var links: [String] = []
  /// Attributes that would load something.
  private(set) var sources: [String] = []
  /// Attributes that would run something.
  private(set) var handlers: [String] = []
  private(set) var text = ""
  private var path: [String] = []

  struct Broken: Error, CustomStringConvertible {
    let description: String
  }

  /// - Throws: `Broken` where an element is not closed, or something else is wrong.
  init(_ html: String) throws {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    guard parser.parse() else {
      throw Broken(
        description: "line \(parser.lineNumber): "
          + (parser.parserError.map { "\($0)" } ?? "not well-formed"))
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    path.append(name)
    elements.insert(name)
    if let id = attributes["id"] { ids.append(id) }
    if let link = attributes["href"] { links.append(link) }
    sources += ["src", "srcset", "data", "poster", "action", "background"].compactMap {
      attributes[$0]
    }
    handlers += attributes.keys.filter { $0.hasPrefix("on") }
    if name == "svg", attributes["aria-hidden"] == nil {
      drawings.append(
        Drawing(
          role: attributes["role"] ?? "",
          labels: (attributes["aria-labelledby"] ?? "").split(separator: " ").map(String.init)))
    }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    path.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    text += string
    guard path.contains("svg"), !drawings.isEmpty else { return }
    if path.last == "title" { drawings[drawings.count - 1].title += string }
    if path.last == "desc" { drawings[drawings.count - 1].description += string }
  }
}
