import Mustache

/// The study as one page, which loads nothing: style and drawings are in it, scripts there are none.
public struct Report: Sendable {
  let results: Results

  public init(_ results: Results) { self.results = results }

  /// The page in HTML.
  ///
  /// - Throws: the template's error, were it to be broken.
  public func html() throws -> String {
    MustacheTypes.register()
    var library = MustacheLibrary()
    try library.register(Page.tableTemplate, named: "table")
    return try MustacheTemplate(string: Page.template).render(Page(results), library: library)
  }

  /// The escaping that the templates name; registered once, since the register is global.
  private enum MustacheTypes {
    static func register() { _ = once }

    private static let once: Void = MustacheContentTypes.register(
      EscapedMarkup(), named: "ESCAPED")
  }
}
