import Corpora
import Testing
import Training

/// A study tells nothing if its words were in the pretraining data.
@Suite struct LeakTests {
  private static let wordsOfWorlds: Set<String> = {
    var words: Set<String> = []
    // The first worlds of a study, of choosing settings, and of watching a run.
    for seed in [1, 2, 3, 1000, 1001, 1 << 40, 1 << 40 + 1] as [UInt64] {
      guard let world = try? ReversalWorld(seed: seed) else { continue }
      for fact in world.facts { words.formUnion([fact.subject, fact.attribute, fact.object]) }
    }
    return words
  }()

  private static let heldOut = Set(
    (Lexicon.short.heldOut + Lexicon.long.heldOut).map { Substring($0) })
  private static let pretraining = Set(Lexicon.short.pretraining.map { Substring($0) })

  @Test(arguments: Recipe.standard.stages)
  func `no word of a world is in the standard recipe's data`(stage: Recipe.Stage) {
    var words: Set<Substring> = []
    for row in 0..<125 as Range<UInt64> {
      var documents = DocumentStream(seed: Recipe.standard.seed, row: row, mixture: stage.mixture)
      var count = 0
      // A word is a token at least.
      while count < stage.rowLength {
        let text = documents.next().text.split { !$0.isLetter }
        count += text.count
        words.formUnion(text)
      }
    }
    // The data do hold such words, and the worlds theirs.
    #expect(words.count > 1_000)
    #expect(!words.isDisjoint(with: Self.pretraining))
    #expect(Self.wordsOfWorlds.count > 300)
    let leaked = words.filter { Self.wordsOfWorlds.contains(String($0)) }
    #expect(leaked.isEmpty)
    #expect(words.isDisjoint(with: Self.heldOut))
  }
}
