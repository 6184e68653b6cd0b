import Randomness

/// A kind of pretraining documents, which has a share in a ``Mixture``.
public struct DocumentKind: Sendable {
  /// What a recipe calls its share, in snake case.
  public let name: String
  let makeDocument: @Sendable (Request, inout RandomGenerator) -> Document

  /// What a stream asks of a document.
  struct Request: Sendable {
    let mixture: Mixture
    let plan: MentionPlan
    /// Whether it is in the fewest words, where its kind has a short form.
    let isShort: Bool
  }

  init(
    _ name: String,
    makeDocument: @escaping @Sendable (Request, inout RandomGenerator) -> Document
  ) {
    self.name = name
    self.makeDocument = makeDocument
  }

  /// Every kind: those of the datasets, between two that belong to none.
  ///
  /// A stream chooses by this order. A kind without a share changes none of its choices, so a new
  /// dataset leaves the documents of older recipes as they are.
  public static let all: [DocumentKind] =
    [.shortFacts] + Dataset.all.compactMap(\.pretraining) + [.copying]
}

// A kind is its name: there is one of each.
extension DocumentKind: Hashable {
  public static func == (first: DocumentKind, second: DocumentKind) -> Bool {
    first.name == second.name
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension DocumentKind {
  /// What a document about a theory asks of it.
  struct TheoryRequest: Sendable {
    let factCount: Int
    /// Whether it is many small structures that are all alike.
    let areAlike: Bool
    /// Whether only the conclusions of most steps are kept.
    let isDeep: Bool
    let isShort: Bool
  }

  /// Documents of facts, and of what follows from them where there is anything.
  static func theories(
    _ name: String,
    makeTheory:
      @escaping @Sendable (TheoryRequest, inout WordSampler, inout RandomGenerator) -> Theory
  ) -> DocumentKind {
    DocumentKind(name) { request, random in
      let (mixture, plan) = (request.mixture, request.plan)
      let count = plan.factCount(using: &random)
      var words = WordSampler(capacity: 4 * count + 8)
      let areAlike = random.chance(mixture.alike)
      let isDeep = random.chance(mixture.deep)
      var theory = makeTheory(
        TheoryRequest(
          factCount: count, areAlike: areAlike, isDeep: isDeep, isShort: request.isShort),
        &words, &random)
      if isDeep { theory.keepDeepConclusions() }
      return plan.document(
        of: theory, isShort: request.isShort, concludes: random.chance(mixture.conclusions),
        halfWay: request.isShort ? MentionPlan.plainHalfWay : mixture.halfWay,
        retold: mixture.retold, using: &random)
    }
  }
}
