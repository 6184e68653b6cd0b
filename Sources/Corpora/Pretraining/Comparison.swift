/// One fact: "femp are more rony than glon."
public struct Comparison: Hashable, Sendable, Codable {
  public var subject: String
  public var attribute: String
  public var object: String
  /// Whether the subject has more of the attribute than the object, and not less.
  public var isMore: Bool

  public init(subject: String, attribute: String, object: String, isMore: Bool) {
    self.subject = subject
    self.attribute = attribute
    self.object = object
    self.isMore = isMore
  }

  /// The same fact from the other side: "glon are less rony than femp."
  public var reversed: Comparison {
    Comparison(subject: object, attribute: attribute, object: subject, isMore: !isMore)
  }

  /// The same words with the other direction: true if and only if this is false.
  public var contradicted: Comparison {
    Comparison(subject: subject, attribute: attribute, object: object, isMore: !isMore)
  }
}
