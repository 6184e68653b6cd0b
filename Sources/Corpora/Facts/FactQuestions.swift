import Randomness

extension FactWorld {
  /// Forced choices between the right entity and three wrong ones of the same class. If possible,
  /// each wrong one is the right answer about another entity.
  ///
  /// - `trained`: a fact from the side and in a wording that the articles use;
  /// - `rephrased`: from the same side, in a wording that no article uses;
  /// - `reversed`: from the other side;
  /// - `deduced`: what follows from several facts;
  /// - `holdout`: what follows for an entity of which nothing but its kind is stated.
  public func questions(_ split: Split) -> [Question] {
    guard let number = splits.firstIndex(of: split) else { return [] }
    var random = RandomGenerator(seed: seed, keys: Stream.questions.rawValue, UInt64(number))
    let subjects: [(fact: Fact, number: Int, group: Int, side: Side, steps: Int)]
    switch split {
    case .trained, .rephrased:
      subjects = stated.indices.map { fact in
        (stated[fact].fact, fact, stated[fact].group, random.element(of: stated[fact].sides), 1)
      }
    case .reversed:
      subjects = stated.indices.filter { stated[$0].sides.count == 1 }.map { fact in
        (stated[fact].fact, fact, stated[fact].group, stated[fact].sides[0].other, 1)
      }
    case .deduced, .holdout:
      let facts = split == .deduced ? deduced : heldBack
      subjects = facts.enumerated().map { number, item in
        let side: Side =
          item.fact.relation.isInherited || random.chance(0.5) ? .forward : .backward
        return (item.fact, number, item.group, side, item.steps)
      }
    default: return []
    }
    var questions: [Question] = []
    // If a category does something to itself, the prompt would contain the answer.
    for (fact, number, group, side, steps) in random.shuffled(subjects)
    where fact.subject != fact.object {
      if questions.count == Self.questionLimit { break }
      let wordings = self.wordings(split, fact.relation, side)
      let preamble = random.element(of: split == .rephrased ? style.keptPreambles : style.preambles)
      let wrong = wrongChoices(fact, side, group, using: &random)
      guard !wordings.isEmpty, wrong.count == 3 else { continue }
      let choices = random.shuffled([fact.last(side)] + wrong)
      questions.append(
        Question(
          dataset: dataset, split: split,
          prompt: fact.prompt(random.element(of: wordings), preamble: preamble),
          choices: choices.map(Fact.completion),
          answer: choices.firstIndex(of: fact.last(side)) ?? 0, fact: number, group: group,
          kind: fact.relation.asked(side) + (steps > 1 ? ", \(steps) steps" : "")))
    }
    return questions
  }

  private func wordings(_ split: Split, _ relation: Relation, _ side: Side) -> [Wording] {
    switch split {
    case .rephrased: style.kept(relation, side)
    case .deduced, .holdout:
      relation.inheritedWordings?.filter { $0.side == side } ?? style.used(relation, side)
    default: style.used(relation, side)
    }
  }

  /// Three entities of the same class for which the statement is false. Entities of which the
  /// relation says something true elsewhere come first, those of the same group before others.
  private func wrongChoices(
    _ fact: Fact, _ side: Side, _ group: Int, using random: inout RandomGenerator
  ) -> [String] {
    func isWrong(_ name: String) -> Bool {
      guard name != fact.first(side) else { return false }
      let claim =
        side == .forward
        ? Fact(fact.relation, fact.subject, name) : Fact(fact.relation, name, fact.object)
      return !isTrue(claim)
    }
    let members = classes.first { $0.contains(fact.last(side)) } ?? []
    func values(_ isNear: (Int) -> Bool) -> [String] {
      var values: Set<String> = []
      for item in statements where isNear(item.group) && item.fact.relation == fact.relation {
        values.insert(item.fact.last(side))
        if fact.relation.isSymmetric { values.insert(item.fact.first(side)) }
      }
      return random.shuffled(values.filter { members.contains($0) && isWrong($0) }.sorted())
    }
    let near = values { $0 == group }
    if near.count >= 3 { return Array(near.prefix(3)) }
    let far = values { $0 != group }.filter { !near.contains($0) }
    // A tree has few kinds and a family few grandparents: then any other entity of the class.
    let others = random.shuffled(
      members.filter { isWrong($0) && !near.contains($0) && !far.contains($0) })
    return Array((near + far + others).prefix(3))
  }

  private var statements: [(fact: Fact, group: Int)] {
    stated.map { ($0.fact, $0.group) } + (deduced + heldBack).map { ($0.fact, $0.group) }
  }

  func isTrue(_ fact: Fact) -> Bool {
    truth.contains(fact) || (fact.relation.isSymmetric && truth.contains(fact.swapped))
  }
}

extension Relation {
  /// Whether categories inherit it. What is inherited is asked from the category's side only: from
  /// the other side many categories are right.
  var isInherited: Bool {
    switch self {
    case .kind, .property, .verb: true
    default: false
    }
  }

  /// What a statement from a side names last.
  fileprivate func asked(_ side: Side) -> String {
    let (object, subject) =
      switch self {
      case .kind, .some, .none: ("kind", "member")
      case .property: ("property", "bearer")
      case .verb: ("object of a verb", "subject of a verb")
      case .parent: ("child", "parent")
      case .grandparent: ("grandchild", "grandparent")
      case .spouse: ("spouse", "spouse")
      case .sibling: ("sibling", "sibling")
      case .identity: ("description", "name")
      }
    return side == .forward ? object : subject
  }
}
