import Corpora
import Tokenization
import Transformer

/// What an arm starts from: one world, the model as it was pretrained, and the study's settings.
struct Trial: Sendable {
  let world: any World
  /// The number of the world; arms draw their random numbers from it.
  let seed: UInt64
  /// Shared by all arms: an arm that trains, trains a copy.
  let model: Model
  let tokenizer: Tokenizer
  let fineTuning: FineTuning
  let augmentation: Augmentation
  /// The maximum number of groups of facts in a prompt; nil for as many as fit.
  let groupsPerPrompt: Int?
  /// The chat format that questions are asked in; nil for plain text.
  let chat: Chat?
  /// The threads that share the work of an arm.
  let threadCount: Int
  /// All questions, split after split.
  let questions: [Question]

  init(
    world: any World, seed: UInt64, model: Model, tokenizer: Tokenizer, fineTuning: FineTuning,
    augmentation: Augmentation, groupsPerPrompt: Int? = nil, chat: Chat? = nil,
    threadCount: Int = 1
  ) {
    self.world = world
    self.seed = seed
    self.model = model
    self.tokenizer = tokenizer
    self.fineTuning = fineTuning
    self.augmentation = augmentation
    self.groupsPerPrompt = groupsPerPrompt
    self.chat = chat
    self.threadCount = threadCount
    questions = world.splits.flatMap { world.questions($0) }
  }

  /// How the questions become tokens.
  var prompting: Prompting { Prompting(tokenizer, chat: chat) }

  /// Asks questions in the trial's way.
  ///
  /// - Parameter name: the arm's name, for errors.
  func scoring(name: String = Scoring.pretrainedName) -> Scoring {
    Scoring(tokenizer: tokenizer, name: name, chat: chat, threadCount: threadCount)
  }

  /// The first questions of each split.
  func questions(perSplit count: Int) -> [Question] {
    world.splits.flatMap { split in questions.filter { $0.split == split }.prefix(count) }
  }

  var documents: [String] { world.articles.map(\.text) }
  /// The documents as fine-tuning takes them.
  var lessons: [Lesson] { [Lesson](fineTuning.splitting.documents(documents)) }
}
