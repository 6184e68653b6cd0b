extension FactWorld {
  /// Judges a sentence by parsing it: preamble, wording, and the two entities that it is about.
  ///
  /// A well-formed sentence that the world does not imply is false, even if it is about names that
  /// the world does not have.
  public func judgement(of sentence: String) -> Judgement {
    var isWellFormed = false
    for (fact, side, isInherited) in readings(of: sentence) {
      isWellFormed = true
      // What is stated of an entity itself is not inherited.
      if isInherited, statedNumber[fact] != nil { continue }
      for (claim, side) in [(fact, side)]
        + (fact.relation.isSymmetric ? [(fact.swapped, side.other)] : [])
      where truth.contains(claim) {
        return .isTrue(answers: key(claim, side))
      }
    }
    return isWellFormed ? .isFalse : .isMalformed
  }

  private func key(_ fact: Fact, _ side: Side) -> QuestionKey? {
    if let number = statedNumber[fact] {
      return stated[number].sides.contains(side) ? nil : QuestionKey(split: .reversed, fact: number)
    }
    if let number = deducedNumber[fact] { return QuestionKey(split: .deduced, fact: number) }
    return heldBackNumber[fact].map { QuestionKey(split: .holdout, fact: $0) }
  }

  /// Every way to read a sentence as a statement of one of the world's relations.
  private func readings(of sentence: String) -> [(fact: Fact, side: Side, isInherited: Bool)] {
    let text = sentence.drop { $0 == " " }
    guard text.last == "." else { return [] }
    let body = text.dropLast()
    var readings: [(Fact, Side, Bool)] = []
    for (relation, wordings) in style.used {
      let inherited = relation.inheritedWordings ?? []
      for wording in wordings + (style.kept[relation] ?? []) + inherited {
        for preamble in SentenceForms.preambles
        where preamble.isEmpty || (wording.takesPreamble && body.hasPrefix(preamble + " ")) {
          let opening =
            preamble.isEmpty ? wording.before : preamble + " " + wording.before.lowercased()
          guard body.hasPrefix(opening) else { continue }
          let rest = body.dropFirst(opening.count)
          for (first, second) in rest.splits(at: wording.between)
          where Self.isName(first) && Self.isName(second) {
            let (subject, object) = wording.side == .forward ? (first, second) : (second, first)
            let fact = Fact(relation, String(subject), String(object))
            if relation == .identity ? isIdentity(fact) : isPlain(fact) {
              readings.append((fact, wording.side, inherited.contains(wording)))
            }
          }
        }
      }
    }
    return readings
  }

  /// Words of lower-case letters with single spaces between them.
  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.first != " " && text.last != " "
      && text.allSatisfy { ("a"..."z").contains($0) || $0 == " " }
  }

  private func isPlain(_ fact: Fact) -> Bool {
    !fact.subject.contains(" ") && !fact.object.contains(" ")
  }

  private func isIdentity(_ fact: Fact) -> Bool {
    fact.subject.split(separator: " ").count == 2
      && Theory.roles.contains { fact.object.hasPrefix($0 + " of ") }
  }
}

extension Substring {
  /// What precedes and follows a separator, for each of its occurrences.
  fileprivate func splits(at separator: String) -> [(Substring, Substring)] {
    var result: [(Substring, Substring)] = []
    var place = startIndex
    while place < endIndex {
      let rest = self[place...]
      if rest.hasPrefix(separator) {
        result.append((self[..<place], rest.dropFirst(separator.count)))
      }
      place = index(after: place)
    }
    return result
  }
}
