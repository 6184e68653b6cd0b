import Corpora
import Tokenization

/// Which groups of a world's facts share a prompt.
///
/// All of them where they fit the context. Otherwise the groups are split, in order, into blocks
/// of equal numbers, as large as fit: the subsets of Lampinen et al. 2025. A question is asked
/// after the block that holds its own group, among the facts of the block's other groups.
struct PromptPlan {
  let blocks: [[Int]]

  /// - Parameters:
  ///   - room: the minimum number of tokens left after a prompt; questions may need more.
  ///   - tokens: the maximum number of tokens of a prompt and the room after it, unless a single
  ///     group needs more; nil for the model's context.
  /// - Throws: `PromptTooLong` where even one group's facts do not fit.
  init(_ trial: Trial, room: Int = 0, tokens: Int? = nil) throws {
    let context = trial.model.configuration.contextLength
    let limit = min(tokens ?? context, context)
    let longest =
      trial.questions.map { question in
        trial.prompting.length(question.prompt, choices: question.choices)
      }.reduce(room, max)
    var size = min(trial.groupsPerPrompt ?? .max, max(1, trial.world.groupCount))
    while true {
      let blocks = Self.blocks(of: trial.world.groupCount, size: size)
      let largest =
        blocks.map { block in
          [false, true].map {
            trial.prompting.prompt(Self.texts(trial, block, isShuffled: $0)).count
          }
          .max() ?? 0
        }.max() ?? 0
      if largest + longest <= limit || size == 1 && largest + longest <= context {
        self.blocks = blocks
        return
      }
      guard size > 1 else {
        throw PromptTooLong(
          description:
            "\(trial.world.dataset): the facts that one question needs are a prompt of "
            + "\(largest) tokens, and with the question \(largest + longest); the model's context "
            + "is \(context). Use --arms to leave out the arms that read a prompt, or use a model "
            + "with a longer context")
      }
      // As many as the token counts suggest, and at least one fewer.
      size = max(1, min(size - 1, size * (limit - longest) / max(1, largest)))
    }
  }

  static func blocks(of count: Int, size: Int) -> [[Int]] {
    // Blocks of nearly equal size, none larger than `size`.
    let number = max(1, (count + size - 1) / size)
    return (0..<number).map { Array($0 * count / number..<($0 + 1) * count / number) }
  }

  static func texts(_ trial: Trial, _ block: [Int], isShuffled: Bool = false) -> [String] {
    articles(trial, block, isShuffled: isShuffled).map(\.text)
  }

  static func articles(_ trial: Trial, _ block: [Int], isShuffled: Bool = false) -> [Article] {
    isShuffled
      ? trial.world.shuffledPrompt(groups: block, seed: trial.seed)
      : trial.world.prompt(groups: block, seed: trial.seed)
  }

  /// The texts before each question: those of its block.
  static func prompt(
    _ trial: Trial, blocks: [[Int]], isShuffled: Bool = false
  ) -> @Sendable (Question) -> [String] {
    var textsOfGroup: [Int: [String]] = [:]
    for block in blocks {
      let texts = texts(trial, block, isShuffled: isShuffled)
      for group in block { textsOfGroup[group] = texts }
    }
    let result = textsOfGroup
    return { result[$0.group] ?? [] }
  }
}

/// A prompt that does not fit the model.
public struct PromptTooLong: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}
