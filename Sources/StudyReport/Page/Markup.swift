import Foundation
import Mustache

/// Makes text safe for HTML and SVG, in elements and in quoted attributes.
enum Markup {
  /// Escapes scalar by scalar.
  ///
  /// Character by character would miss a quote or a `<` before a combining mark: the two are one
  /// `Character` in Swift, but a browser still sees the quote.
  static func escape(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
      case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
      case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
      case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
      case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
      // HTML cannot represent a null character.
      case "\0": escaped.append("\u{FFFD}")
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }

  /// A name for `id` and `href`: letters and digits of ASCII, anything else a hyphen.
  static func slug(_ text: String) -> String {
    String(
      text.lowercased().unicodeScalars.map { scalar in
        scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          ? Character(scalar) : "-"
      })
  }
}

/// The escaping that the page's template applies to its variables.
struct EscapedMarkup: MustacheContentType {
  func escapeText(_ text: String) -> String { Markup.escape(text) }
}
