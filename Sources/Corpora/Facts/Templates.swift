/// The English words of documents, collected so that no nonsense word equals one of them.
enum Templates {
  /// Every word of every template, in lower case and without punctuation.
  static let words: Set<String> = {
    let relations = Relation.all.flatMap {
      $0.wordings + ($0.inheritedWordings ?? []) + $0.shortWordings + $0.shortInheritedWordings
    }
    let texts =
      SentenceForms.preambles + SentenceForms.verbs + ["more less than"]
      + Converse.all.flatMap { [$0.forward, $0.backward] } + ["are to"]
      + relations.map { $0.before + " " + $0.between }
      + Theory.roles + [Syllogism.header(["", ""]), "of"] + [Copying.marker]
    return Set(
      texts.flatMap { text in
        text.lowercased().split { !("a"..."z").contains($0) }.map(String.init)
      })
  }()
}
