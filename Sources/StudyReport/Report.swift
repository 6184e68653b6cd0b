import Mustache
import Study

/// The study as one page, which contains its style and drawings, has no scripts and loads nothing.
///
/// Its templates and its style sheet are files in `Resources/`, which the build embeds.
public struct Report: Sendable {
  let results: Results

  public init(_ results: Results) { self.results = results }

  /// The page in HTML.
  ///
  /// - Throws: the template engine's error, if a template is broken.
  public func html() throws -> String {
    MustacheTypes.register()
    var library = MustacheLibrary()
    try library.register(Resource.text(PackageResources.table_mustache), named: "table")
    return try MustacheTemplate(string: Resource.text(PackageResources.page_mustache))
      .render(Page(results), library: library)
  }

  /// The escaping that the templates name; registered once, since the registry is global.
  private enum MustacheTypes {
    static func register() { _ = once }

    private static let once: Void = MustacheContentTypes.register(
      EscapedMarkup(), named: "ESCAPED")
  }
}

/// A file of `Resources/` as text.
enum Resource {
  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
