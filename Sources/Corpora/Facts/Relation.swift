/// From which side a sentence states a fact.
public enum Side: String, Hashable, Codable, Sendable {
  /// The subject stands first: "All glon are yomp."
  case forward
  /// The object stands first: "yomp include glon."
  case backward

  var other: Side { self == .forward ? .backward : .forward }
}

/// One way to state a fact: the text before the first entity, and the text between the two. The
/// second entity and a full stop end the sentence, so that a question can ask for it.
public struct Wording: Hashable, Sendable {
  let before: String
  let between: String
  let side: Side

  init(_ before: String, _ between: String, _ side: Side) {
    self.before = before
    self.between = between
    self.side = side
  }

  /// Whether it can follow "It is known that".
  var takesPreamble: Bool { !isQuestion }
  /// Whether it is a question with its answer.
  var isQuestion: Bool { before.hasPrefix("Question") }
}

/// What a fact says of its two entities, with all its wordings.
public enum Relation: Hashable, Sendable {
  /// The subject is a category under the object: "All glon are yomp."
  case kind
  /// "Some glon are yomp." and "No glon are yomp.": with `kind` the three moods of a syllogism.
  case some, none
  /// "glon are rony."
  case property
  /// A nonsense verb: "glon can telk the yomp." There is always a word between the verb and the
  /// object: the verb may be several tokens, and what precedes the object should be one.
  case verb(String)
  /// "femp is the parent of glon."
  case parent
  case grandparent
  /// Both hold in either direction: "femp is married to glon.", "glon is married to femp."
  case spouse, sibling
  /// A name and a description: "femp glon is the author of yomp troff."
  case identity

  /// Every wording, in full sentences; the first of each side is the plainest.
  public var wordings: [Wording] {
    switch self {
    case .kind: Self.kindWordings
    case .some: [Wording("Some ", " are ", .forward)]
    case .none: [Wording("No ", " are ", .forward)]
    case .property: Self.propertyWordings
    case .verb(let verb): Self.wordings(verb: verb)
    case .parent: Self.parentWordings
    case .grandparent: Self.grandparentWordings
    case .spouse: Self.spouseWordings
    case .sibling: Self.siblingWordings
    case .identity: Self.identityWordings
    }
  }

  /// The same in two or three words, for the first stages of pretraining: the two entities are next
  /// to each other, or nearly.
  var shortWordings: [Wording] {
    switch self {
    case .kind: Self.shortKind
    case .property: Self.shortProperty
    case .parent: Self.shortParent
    case .grandparent: Self.shortGrandparent
    case .spouse: Self.shortSpouse
    case .sibling: Self.shortSibling
    case .identity: Self.shortIdentity
    case .verb(let verb):
      [Wording("", " \(verb) the ", .forward), Wording("", " \(verb)ed by ", .backward)]
    case .some, .none: wordings
    }
  }

  /// The wordings of what a category inherits; nil where they are those of its own facts.
  ///
  /// They differ so that the prompt shows whether to look at the category or at those above it.
  /// When both were worded "glon are rony.", the two look-ups disturbed each other, and the model
  /// answered a third of the questions about stated facts wrongly.
  var inheritedWordings: [Wording]? {
    switch self {
    case .property: Self.inheritedPropertyWordings
    case .verb(let verb): Self.inheritedWordings(verb: verb)
    default: nil
    }
  }

  /// The same in two or three words.
  var shortInheritedWordings: [Wording] {
    switch self {
    case .kind: Self.shortInheritedKind
    case .property: Self.shortInheritedProperty
    case .verb(let verb):
      [Wording("", " may \(verb) the ", .forward), Wording("", " may be \(verb)ed by ", .backward)]
    default: shortWordings
    }
  }

  public func wordings(_ side: Side) -> [Wording] { wordings.filter { $0.side == side } }

  /// Whether the relation holds in both directions.
  public var isSymmetric: Bool { self == .spouse || self == .sibling }

  private static let kindWordings = [
    Wording("All ", " are ", .forward),
    Wording("", " are a kind of ", .forward),
    Wording("", " belong to the ", .forward),
    Wording("Question: what kind of thing are ", "? Answer: ", .forward),
    Wording("", " include ", .backward),
    Wording("One kind of ", " are ", .backward),
    Wording("Among the ", " are ", .backward),
    Wording("Question: which kinds of ", " exist? Answer: ", .backward),
  ]
  private static let propertyWordings = [
    Wording("", " are ", .forward),
    Wording("", " are always ", .forward),
    Wording("", " tend to be ", .forward),
    Wording("Question: what are ", " like? Answer: ", .forward),
    Wording("", " things include ", .backward),
    Wording("Among ", " things are ", .backward),
    Wording("Question: which things are ", "? Answer: ", .backward),
  ]
  private static func wordings(verb: String) -> [Wording] {
    [
      Wording("", " can \(verb) the ", .forward),
      Wording("", " often \(verb) the ", .forward),
      Wording("Question: what can ", " \(verb)? Answer: ", .forward),
      Wording("", " can be \(verb)ed by ", .backward),
      Wording("", " are often \(verb)ed by ", .backward),
      Wording("Question: what can \(verb) the ", "? Answer: ", .backward),
    ]
  }
  private static let inheritedPropertyWordings = [
    Wording("", " inherit being ", .forward),
    Wording("", ", like all their kind, are ", .forward),
    Wording("Question: what do ", " inherit? Answer: ", .forward),
    Wording("Being ", " is inherited by ", .backward),
  ]
  private static func inheritedWordings(verb: String) -> [Wording] {
    [
      Wording("", " inherit that they can \(verb) the ", .forward),
      Wording("", ", like all their kind, can \(verb) the ", .forward),
      Wording("It is inherited that the ", " can be \(verb)ed by ", .backward),
    ]
  }
  private static let parentWordings = [
    Wording("", " is the parent of ", .forward),
    Wording("", " is known as a parent of ", .forward),
    Wording("Among the children of ", " is ", .forward),
    Wording("", " is the child of ", .backward),
    Wording("", " was born to ", .backward),
    Wording("Among the parents of ", " is ", .backward),
  ]
  private static let grandparentWordings = [
    Wording("", " is the grandparent of ", .forward),
    Wording("Among the grandchildren of ", " is ", .forward),
    Wording("", " is the grandchild of ", .backward),
    Wording("Among the grandparents of ", " is ", .backward),
  ]
  private static let spouseWordings = bothWays([
    ("", " is married to "), ("", " is the spouse of "), ("The spouse of ", " is "),
  ])
  private static let siblingWordings = bothWays([
    ("", " is the sibling of "), ("Among the siblings of ", " is "),
  ])
  private static let identityWordings = [
    Wording("", " is the ", .forward),
    Wording("", " is known as the ", .forward),
    Wording("", ", famous as the ", .forward),
    Wording("", " became the ", .forward),
    Wording("The ", " is ", .backward),
    Wording("The ", " is called ", .backward),
    Wording("The ", ", better known as ", .backward),
    Wording("The ", " went by the name of ", .backward),
  ]

  private static let shortKind = [
    Wording("", " in ", .forward), Wording("", " has ", .backward),
  ]
  private static let shortProperty = [
    Wording("", " are ", .forward), Wording("", " for ", .backward),
  ]
  private static let shortInheritedKind = [
    Wording("", " under ", .forward), Wording("", " over ", .backward),
  ]
  private static let shortInheritedProperty = [
    Wording("", " inherit ", .forward), Wording("", " from ", .backward),
  ]
  private static let shortParent = [
    Wording("", " parent ", .forward), Wording("", " child ", .backward),
  ]
  private static let shortGrandparent = [
    Wording("", " grandparent ", .forward), Wording("", " grandchild ", .backward),
  ]
  private static let shortSpouse = bothWays([("", " with ")])
  private static let shortSibling = bothWays([("", " sibling ")])
  private static let shortIdentity = [
    Wording("", " is ", .forward), Wording("The ", " is ", .backward),
  ]

  private static func bothWays(_ texts: [(before: String, between: String)]) -> [Wording] {
    [Side.forward, .backward].flatMap { side in
      texts.map { Wording($0.before, $0.between, side) }
    }
  }

  /// One relation of each case: together they have all English words.
  static let all: [Relation] = [
    .kind, .some, .none, .property, .verb(""), .parent, .grandparent, .spouse, .sibling, .identity,
  ]
}

/// One fact: "glon" are a kind of "yomp".
public struct Fact: Hashable, Sendable {
  public var relation: Relation
  public var subject: String
  public var object: String

  public init(_ relation: Relation, _ subject: String, _ object: String) {
    self.relation = relation
    self.subject = subject
    self.object = object
  }

  /// The entities that a sentence from a side names first and last.
  public func first(_ side: Side) -> String { side == .forward ? subject : object }
  public func last(_ side: Side) -> String { side == .forward ? object : subject }
  /// The other one of its two entities.
  func other(than entity: String) -> String { entity == subject ? object : subject }

  /// The whole sentence: "yomp include glon.", "It is known that yomp include glon."
  public func sentence(_ wording: Wording, preamble: String = "") -> String {
    opening(wording, preamble) + last(wording.side) + "."
  }

  /// The sentence up to the entity named last, without trailing space: "yomp include".
  public func prompt(_ wording: Wording, preamble: String = "") -> String {
    var text = opening(wording, preamble)
    while text.last == " " { text.removeLast() }
    return text
  }

  private func opening(_ wording: Wording, _ preamble: String) -> String {
    var text = ""
    if preamble.isEmpty || !wording.takesPreamble {
      text += wording.before
    } else {
      text += preamble
      text += " "
      text += wording.before.lowercased()
    }
    text += first(wording.side)
    text += wording.between
    return text
  }

  /// The rest of a sentence, with its leading space: " glon."
  public static func completion(_ entity: String) -> String { " " + entity + "." }

  /// The entities in the other order: the same fact if the relation is symmetric.
  var swapped: Fact { Fact(relation, object, subject) }
}
