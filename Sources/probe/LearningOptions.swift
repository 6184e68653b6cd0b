import ArgumentParser
import Foundation
import Study
import Tokenization
import Transformer

/// The options of `probe` about fine-tuning and about the sentences that a model generates for it.
struct LearningOptions: ParsableArguments {
  @Option(
    help:
      "The number of passes over the documents in fine-tuning, in every arm. (default: \(FineTuning().epochs))"
  )
  var epochs: Int?

  @Option(
    help: """
      The learning rate of fine-tuning, in every arm. (default: \(FineTuning().learningRate) for models \
      that were pretrained with Recto; for others 0.0001 at 135 M parameters, and less for more; ten \
      times that with --lora-rank)
      """
  )
  var learningRate: Float?

  @Option(
    help: ArgumentHelp(
      """
      Train a low-rank adapter (LoRA) of this rank on every matrix of the layers, in place of all \
      parameters; it takes two fifths of the memory.
      """, valueName: "rank"))
  var loraRank: Int?

  @Option(
    help: """
      How fine-tuning splits documents: none leaves them whole, independent makes each sentence a \
      document, cumulative makes documents of the first sentence, the first two, and so on.
      """)
  var splitting = SentenceSplitting.none

  @Option(
    help: """
      The number of sentences of each kind, after one document and after all, that are sampled from \
      the model per fact in the augmented arms; not with "chat". (default: \
      \(Augmentation().sentencesPerFact))
      """)
  var sentences: Int?

  @Option(
    help: """
      How the model makes sentences of your own documents: "continue" lets it continue them, "chat" \
      asks for sentences in its chat format. (default: chat for a model with a chat template that is \
      known)
      """)
  var augmentation: AugmentationForm?

  @Option(
    help: ArgumentHelp(
      """
      With "chat": a file of what is asked, as "probe requests" prints it; it may be edited.
      """, valueName: "file"), completion: .file(extensions: ["json"]))
  var requests: String?

  @Option(
    help: """
      With "chat": the number of answers of several sentences for each request and document. \
      (default: \(ChatAugmentation().answers))
      """)
  var answers: Int?

  @Option(
    help: """
      The temperature at which sentences are sampled; 1 is the model's own distribution. (default: \
      \(Augmentation().temperature); with "chat" \(ChatAugmentation().temperature))
      """)
  var temperature: Double?

  @Option(
    help: """
      Sample only tokens with at least this fraction of the most likely token's probability; 0 \
      allows all.
      """)
  var minP = Augmentation().minP

  @Option(
    help: """
      The number of orders in which the documents are read for the probabilities that the arm \
      "augmented" learns from; with 0 it learns the sampled words. (default: \
      \(Augmentation().teacherOrders); with "chat" 0)
      """)
  var orders: Int?

  @Option(
    help: """
      The number of tokens of generated sentences that are learned per fact, however many sentences \
      there are. (default: \(FineTuning().inferenceTokensPerFact); \
      \(FineTuning.tokensPerFactOfOthers) for models that were not pretrained with Recto)
      """)
  var tokensPerFact: Int?

  @Option(
    help: """
      The share, up to 0.95, of replayed text in fine-tuning: fresh documents like those that \
      models/recto was pretrained on, about other words. It preserves the ability to read a prompt.
      """)
  var replay = FineTuning().replay

  func validate() throws {
    try check("--epochs", epochs, in: 1...1000)
    guard (learningRate ?? 1) > 0, (learningRate ?? 1) <= 1 else {
      throw ValidationError(
        "--learning-rate is \(learningRate ?? 0); it must be above 0 and at most 1.")
    }
    try check("--lora-rank", loraRank, in: 1...1_000_000)
    try check("--sentences", sentences, in: 1...1000)
    try check("--temperature", temperature, in: 0...10)
    try check("--min-p", minP, in: 0...1)
    try check("--answers", answers, in: 1...1000)
    let chatOptions = [("--requests", requests != nil), ("--answers", answers != nil)]
    if augmentation == .continue, let given = chatOptions.first(where: \.1) {
      throw ValidationError("\(given.0) needs --augmentation chat.")
    }
    try check("--orders", orders, in: 0...64)
    try check("--tokens-per-fact", tokensPerFact, in: 1...1_000_000)
    try check("--replay", replay, in: 0...0.95)
  }

  /// Whether options were given that only make sense where a chat model is asked.
  private var asksInChat: Bool { augmentation == .chat || requests != nil || answers != nil }

  /// - Parameter areOwn: whether the facts are the user's own.
  /// - Throws: `ValidationError` where options do not go together with the facts.
  func checkFacts(areOwn: Bool) throws {
    guard areOwn || !asksInChat else {
      throw ValidationError(
        "--augmentation chat, --requests and --answers need your own --documents; the datasets are "
          + "for models that continue them.")
    }
  }

  /// What a chat model is asked for.
  ///
  /// - Throws: `FileError` of the file of requests; `ValidationError` where an arm would learn
  ///   nothing of it.
  func chatRequests(for arms: [Arm]) throws -> [ChatRequest]? {
    guard let requests else { return nil }
    let read = try ChatRequest.read(URL(fileURLWithPath: requests))
    for (arm, showsAll) in [(Arm.augmentedLocal, false), (.augmentedGlobal, true)]
    where arms.contains(where: { $0.name == arm.name }) {
      guard read.contains(where: { $0.showsAllDocuments == showsAll }) else {
        throw ValidationError(
          "--requests \(requests): the arm \(arm.name) needs a request "
            + "\(showsAll ? "with" : "without") \(ChatRequest.documentsMark); add one, or leave "
            + "the arm out.")
      }
    }
    return read
  }

  /// Sets what was chosen, and for the user's own documents how sentences are made of them.
  ///
  /// - Parameters:
  ///   - chatFormat: the name of the chat format, if one was chosen.
  ///   - requests: what a chat model is asked for; nil for the standard requests.
  /// - Throws: `ValidationError` or `TokenizerError` where the model cannot be asked in a chat
  ///   format.
  func apply(
    to study: inout StudyRun, _ model: Model, _ tokenizer: Tokenizer, chatFormat: String?,
    requests: [ChatRequest]?
  ) throws {
    study.augmentation.chat = try chatAugmentation(
      of: tokenizer, format: chatFormat, ofUser: study.userWorld != nil)
    if let requests { study.augmentation.chat?.requests = requests }
    if study.augmentation.chat != nil {
      let given = sentences != nil ? "--sentences" : study.doses.isEmpty ? nil : "--doses"
      if let given {
        throw ValidationError(
          "\(given) counts sentences that continue documents, but this model is asked for answers: "
            + "use --answers, or --augmentation continue.")
      }
    }
    if let sentences { study.augmentation.sentencesPerFact = sentences }
    study.augmentation.temperature = temperature ?? study.augmentation.temperature
    study.augmentation.minP = minP
    study.augmentation.teacherOrders =
      orders ?? (study.augmentation.chat == nil ? study.augmentation.teacherOrders : 0)
    if !tokenizer.beginsTextsWithSpace {
      study.fineTuning.inferenceTokensPerFact = FineTuning.tokensPerFactOfOthers
    }
    if let tokensPerFact { study.fineTuning.inferenceTokensPerFact = tokensPerFact }
    study.fineTuning.replay = replay
    study.fineTuning.splitting = splitting
    if let epochs { study.fineTuning.epochs = epochs }
    study.fineTuning.loraRank = loraRank
    _ = try study.fineTuning.adapterPlan?.settings(on: model.configuration)
    study.fineTuning.learningRate =
      learningRate
      ?? FineTuning.learningRate(for: model, tokenizer) * (loraRank == nil ? 1 : 10)
  }

  private func chatAugmentation(
    of tokenizer: Tokenizer, format: String?, ofUser: Bool
  ) throws -> ChatAugmentation? {
    guard ofUser, augmentation != .continue else { return nil }
    let format = format == Chat.noFormat ? nil : format
    do {
      _ = try Chat(tokenizer, format: format)
    } catch let error where !asksInChat {
      // A base model continues documents.
      guard error is TokenizerError else { throw error }
      return nil
    }
    var chat = ChatAugmentation()
    chat.format = format
    chat.answers = answers ?? chat.answers
    chat.temperature = temperature ?? chat.temperature
    chat.minP = minP
    return chat
  }
}

/// How sentences for augmentation are made of the user's own documents.
enum AugmentationForm: String, CaseIterable, ExpressibleByArgument {
  case `continue`, chat
}

extension SentenceSplitting: ExpressibleByArgument {}
