@testable import Corpora

/// What a sentence says, read without the help of the code that wrote it.
struct Reading: Hashable {
  /// Of a relation that holds both ways, with the entities in order.
  var fact: Fact
  /// From which side; of a relation that holds both ways, `forward` where the lesser name is first.
  var side: Side
  /// The wording, by its line in the table below.
  var pattern: String
  var preamble: String
}

extension Reading {
  /// Whether it says that a category inherits something.
  var isInherited: Bool { Reader.inheritance.contains(pattern) }
}

/// Reads sentences by a table of wordings of its own. S and O stand for the two entities, V for a
/// verb.
struct Reader {
  /// The nonsense words that are verbs: "what can glon telk?" and "what can telk glon?" look alike.
  var verbs: Set<String> = []
  /// Whether sentences are of the fewest words.
  var isPlain = false

  private struct Pattern {
    var text: String
    var relation: String
    var side: Side
    var tokens: [(name: String, mark: String, isPlace: Bool)]
  }

  private static func parsed(_ texts: [String]) -> [Pattern] {
    texts.map { text in
      let words = text.split(separator: " ").map(String.init)
      let tokens = words.dropFirst(2).map { word in
        let mark = word.last.flatMap { "?,".contains($0) ? String($0) : nil } ?? ""
        let name = String(word.dropLast(mark.count))
        let isPlace = ["S", "O", "V", "Ved"].contains(name)
        return (isPlace ? name : word, mark, isPlace)
      }
      return Pattern(
        text: text, relation: words[0], side: words[1] == ">" ? .forward : .backward,
        tokens: tokens)
    }
  }

  private static let patterns = parsed(
    [
      "kind > all S are O", "kind > S are a kind of O", "kind > S belong to the O",
      "kind > question: what kind of thing are S? answer: O", "kind < O include S",
      "kind < one kind of O are S", "kind < among the O are S",
      "kind < question: which kinds of O exist? answer: S",
      "property > S are O", "property > S are always O", "property > S tend to be O",
      "property > question: what are S like? answer: O", "property < O things include S",
      "property < among O things are S", "property < question: which things are O? answer: S",
      "verb > S can V the O", "verb > S often V the O", "verb > question: what can S V? answer: O",
      "verb < O can be Ved by S", "verb < O are often Ved by S",
      "verb < question: what can V the O? answer: S",
      "parent > S is the parent of O", "parent > S is known as a parent of O",
      "parent > among the children of S is O", "parent < O is the child of S",
      "parent < O was born to S", "parent < among the parents of O is S",
      "grandparent > S is the grandparent of O", "grandparent > among the grandchildren of S is O",
      "grandparent < O is the grandchild of S", "grandparent < among the grandparents of O is S",
      "spouse > S is married to O", "spouse > S is the spouse of O",
      "spouse > the spouse of S is O",
      "sibling > S is the sibling of O", "sibling > among the siblings of S is O",
      "identity > S is the O", "identity > S is known as the O", "identity > S, famous as the O",
      "identity > S became the O", "identity < the O is S", "identity < the O is called S",
      "identity < the O, better known as S", "identity < the O went by the name of S",
    ] + inherited)
  private static let plainPatterns = parsed(
    [
      "kind > S in O", "kind < O has S", "property > S are O", "property < O for S",
      "verb > S V the O", "verb < O Ved by S", "parent > S parent O", "parent < O child S",
      "grandparent > S grandparent O",
      "grandparent < O grandchild S", "spouse > S with O", "sibling > S sibling O",
      "identity > S is O", "identity < the O is S",
    ] + plainInherited)
  /// How full sentences state what a category inherits; for kinds there is no such wording.
  private static let inherited = [
    "property > S inherit being O", "property > S, like all their kind, are O",
    "property > question: what do S inherit? answer: O", "property < being O is inherited by S",
    "verb > S inherit that they can V the O", "verb > S, like all their kind, can V the O",
    "verb < it is inherited that the O can be Ved by S",
  ]
  /// How plain documents state it.
  private static let plainInherited = [
    "kind > S under O", "kind < O over S", "property > S inherit O", "property < O from S",
    "verb > S may V the O", "verb < O may be Ved by S",
  ]

  fileprivate static let inheritance = Set(inherited + plainInherited)

  /// The sentences of a text, each with its full stop.
  static func sentences(_ text: String) -> [String] {
    text.split(separator: ".").map { part in String(part.drop { $0 == " " }) + "." }
  }

  /// What a sentence says, or nil where it can be read in no way or in several.
  func read(_ sentence: String) -> Reading? {
    guard sentence.last == "." else { return nil }
    var body = sentence.dropLast()
    let preamble =
      SentenceForms.preambles.first { !$0.isEmpty && body.hasPrefix($0 + " ") } ?? ""
    if !preamble.isEmpty { body = body.dropFirst(preamble.count + 1) }
    let words = body.lowercased().split(separator: " ").map(String.init)
    let readings = (isPlain ? Self.plainPatterns : Self.patterns).compactMap { pattern in
      read(words, by: pattern).map { fact, side in
        Reading(fact: fact, side: side, pattern: pattern.text, preamble: preamble)
      }
    }
    return readings.count == 1 ? readings[0] : nil
  }

  private func read(_ words: [String], by pattern: Pattern) -> (Fact, Side)? {
    // Names are two words and descriptions four.
    let isLong = pattern.relation == "identity" && !isPlain
    guard words.count == pattern.tokens.count + (isLong ? 4 : 0) else { return nil }
    var rest = words[...]
    var subject = ""
    var object = ""
    var verb = ""
    for token in pattern.tokens {
      guard token.isPlace else {
        guard rest.popFirst() == token.name else { return nil }
        continue
      }
      let count = isLong ? (token.name == "S" ? 2 : 4) : 1
      var text = rest.prefix(count).joined(separator: " ")
      rest = rest.dropFirst(count)
      guard text.hasSuffix(token.mark) else { return nil }
      text.removeLast(token.mark.count)
      switch token.name {
      case "S": subject = text
      case "O": object = text
      case "V": verb = text
      default:
        guard text.hasSuffix("ed") else { return nil }
        verb = String(text.dropLast(2))
      }
    }
    guard Self.isName(subject) else { return nil }
    if isLong {
      let words = object.split(separator: " ").map(String.init)
      guard words.count == 4, Theory.roles.contains(words[0]), words[1] == "of",
        Self.isName(words[2] + " " + words[3])
      else { return nil }
    } else {
      guard Self.isName(object) else { return nil }
    }
    func fact(_ relation: Relation) -> (Fact, Side) {
      let fact = Fact(relation, subject, object)
      guard relation.isSymmetric else { return (fact, pattern.side) }
      return (fact.normalised, subject < object ? .forward : .backward)
    }
    switch pattern.relation {
    case "kind": return fact(.kind)
    case "property": return fact(.property)
    case "verb": return verbs.contains(verb) ? fact(.verb(verb)) : nil
    case "parent": return fact(.parent)
    case "grandparent": return fact(.grandparent)
    case "spouse": return fact(.spouse)
    case "sibling": return fact(.sibling)
    default: return fact(.identity)
    }
  }

  /// Words of small letters that no template has.
  private static func isName(_ text: String) -> Bool {
    text.split(separator: " ").allSatisfy { word in
      word.allSatisfy { ("a"..."z").contains($0) } && !Templates.words.contains(String(word))
    }
  }
}

/// Everything that follows from facts, in as many steps as it takes, and the facts themselves.
func closure(_ facts: Set<Fact>) -> Set<Fact> {
  var known = facts
  while true {
    var new: Set<Fact> = []
    let bySubject = Dictionary(grouping: known, by: \.subject)
    for fact in known {
      for next in bySubject[fact.object] ?? [] {
        switch (fact.relation, next.relation) {
        case (.kind, .kind), (.kind, .property), (.kind, .verb):
          new.insert(Fact(next.relation, fact.subject, next.object))
        case (.parent, .parent): new.insert(Fact(.grandparent, fact.subject, next.object))
        default: break
        }
      }
      if fact.relation == .parent {
        for other in bySubject[fact.subject] ?? []
        where other.relation == .parent && fact.object < other.object {
          new.insert(Fact(.sibling, fact.object, other.object))
        }
      }
    }
    if new.isSubset(of: known) { return known }
    known.formUnion(new)
  }
}

extension Fact {
  /// With the entities in order where the relation holds both ways.
  var normalised: Fact {
    relation.isSymmetric && object < subject ? Fact(relation, object, subject) : self
  }
}
