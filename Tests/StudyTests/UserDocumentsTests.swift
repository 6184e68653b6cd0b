import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenization
import Training
import Transformer

@testable import Corpora
@testable import Study
@testable import StudyReport

@Suite struct UserDocumentsTests {
  private static let documents = [
    "Glimmer is an internal tool for data analysis. It is owned by Ada.",
    "Ferret is an internal tool for log search. It is owned by Bruno.",
    "Harbor is an internal tool for storage. It is owned by Chen.",
  ]
  private static let questions = [
    #"{"prompt": "Glimmer is an internal tool for", "choices": ["log search.", "data analysis."], "answer": 1, "split": "trained"}"#,
    #"{"prompt": "The tool for storage is", "choices": ["Harbor", "Ferret"], "answer": 0, "split": "reversed"}"#,
    #"{"prompt": "The tool of Ada is", "completion": "Glimmer.", "split": "by owner"}"#,
    #"{"prompt": "The tool of Bruno is", "completion": "Ferret.", "split": "by owner"}"#,
    #"{"prompt": "What Bruno owns is", "completion": "Ferret.", "split": "by owner"}"#,
  ]

  private func facts(
    documents: [String] = documents, questions: [String] = questions, model: Model? = nil,
    contextLength: Int = 2048
  ) throws -> UserDocuments {
    var facts: UserDocuments?
    try withTemporaryFolder { folder in
      let files = ["docs.jsonl", "questions.jsonl"].map(folder.appendingPathComponent)
      let lines = try documents.map {
        try String(decoding: JSONEncoder().encode(["text": $0]), as: UTF8.self)
      }
      for (file, lines) in zip(files, [lines, questions]) {
        try Data(lines.joined(separator: "\n").utf8).write(to: file)
      }
      facts = try UserDocuments(
        UserFiles(documents: [files[0]], questions: [.init(files[1])]),
        model: model ?? untrainedModel(contextLength: contextLength), tokenizer: .tiny)
    }
    return try #require(facts)
  }

  private func run(_ facts: UserDocuments, arms: [Arm] = Arm.all, seeds: [UInt64] = [1, 2]) throws
    -> (results: Results, outcomes: [StudyRun.Outcome])
  {
    var study = StudyRun(datasets: [], arms: arms, seeds: seeds, workerCount: 2)
    study.userWorld = facts.world
    study.fineTuning = .tiny
    study.augmentation = .tiny
    let outcomes = try study.outcomes(tinyModel(), .tiny)
    let results = Results(
      run: .init(
        command: "probe", model: "model", parameters: 1, study: study, blasCore: "x", seconds: 1,
        peakMemoryBytes: 1, createdAt: Date(timeIntervalSince1970: 0), documents: facts.summary),
      outcomes: outcomes)
    return (results, outcomes)
  }

  @Test func `what training did to the documents is said, and what was not learned`() throws {
    var (results, _) = try run(
      facts(model: tinyModel()), arms: [.pretrained, .fineTuned, .inContext], seeds: [1])
    #expect(results.fits?.map(\.arm) == ["fine-tuned"])
    let before = try #require(results.run.documents?.languageFit.bitsPerByte)
    #expect(results.fits?.allSatisfy { $0.bitsPerByte < before } == true)
    #expect(results.userNotes.contains { $0.hasPrefix("Loss on the documents, in bits per byte") })
    #expect(!results.userNotes.contains { $0.contains("worse than before") })
    results.fits = [.init(arm: "fine-tuned", bitsPerByte: before + 1)]
    for index in results.rows.indices where results.rows[index].split == .trained {
      results.rows[index].accuracy = results.rows[index].arm == "pretrained" ? 0.5 : 0.55
    }
    #expect(results.userNotes.contains { $0.contains("fine-tuned predicts the documents worse") })
    #expect(results.userNotes.contains { $0.contains("hardly better") })
  }

  @Test func `every arm runs on the user's documents`() throws {
    let (results, outcomes) = try run(facts())
    let splits = [Split.trained, .reversed, Split(rawValue: "by owner")]
    #expect(outcomes.count == Arm.all.count * 2)
    #expect(results.rows.map(\.arm).uniqued() == Arm.all.map(\.name))
    for arm in Arm.all {
      let rows = results.rows.filter { $0.arm == arm.name }
      #expect(rows.map(\.split) == splits)
      #expect(rows.map(\.facts) == [1, 1, 2])
      #expect(rows.map(\.questions) == [2, 2, 6] && rows.map(\.seeds) == [2, 2, 2])
      #expect(rows.map(\.chance) == [0.5, 0.5, 0.5])
      #expect(rows.map { $0.meanRank == nil } == [true, true, false])
      #expect((1...2).contains(rows[2].meanRank ?? 0))
      let ranked = outcomes.filter { $0.arm == arm.name }.flatMap(\.samples)
        .filter { $0.split == splits[2] && $0.rank != nil }
      #expect(!ranked.isEmpty && isClose(rows[2].meanRank, ranked.compactMap(\.rank).mean))
      #expect(isClose(rows[2].exactMatch, ranked.map { $0.isExact ? 1.0 : 0.0 }.mean))
    }
    // Sentences about the user's own documents cannot be judged.
    #expect(results.augmentations.count == 5)
    #expect(results.augmentations.allSatisfy { $0.isUnjudged == 1 && $0.isTrue == 0 })
    #expect(results.findings.isEmpty)
    let text = try results.text(.table)
    #expect(text.hasPrefix("documents: 3 documents, all in the prompt; 5 questions, 2 seeds\n"))
    #expect(text.contains("over the 4 facts"))
    #expect(text.contains("few facts are asked about in trained (1), reversed (1), by owner (2);"))
    #expect(text.contains("There are only 3 documents, so retrieval reads all of them."))
    #expect(text.contains("nothing here can say whether they are true"))
    let page = try Report(results).html()
    #expect(page.contains("over the facts that are asked about") && page.contains("by owner"))
    #expect(!page.contains("fresh world"))
    #expect(!results.comparisons.isEmpty)
    #expect(results.comparisons.allSatisfy { $0.split.rawValue == "by owner" })
  }

  /// One tokenizer's template has a beginning (Llama 3), the other's has none (SmolLM).
  @Test(arguments: ["llama3", "smollm"])
  func `other models run every arm, and their prompts begin as their template says`(
    name: String
  ) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Interop/models/\(name)")
    let (model, tokenizer) = try LanguageModel.read(folder)
    let world = try DocumentWorld(
      documents: ["Glimmer is for data.", "Ferret is for logs."],
      questions: [
        UserQuestion(
          prompt: "Glimmer is for", choices: [" data.", " logs."], completion: " data.",
          split: .trained, fact: "a"),
        UserQuestion(
          prompt: "For logs use", choices: nil, completion: " Ferret.", split: .reversed, fact: "b"),
        UserQuestion(
          prompt: "For data use", choices: nil, completion: " Glimmer.", split: .reversed, fact: "a"
        ),
      ])
    var study = StudyRun(datasets: [], seeds: [1], workerCount: 2)
    study.userWorld = world
    study.fineTuning = .tiny
    study.augmentation = .tiny
    let outcomes = try study.outcomes(model, tokenizer)
    #expect(outcomes.map(\.arm) == Arm.all.map(\.name))
    #expect(outcomes.allSatisfy { $0.samples.flatMap(\.logLikelihoods).allSatisfy(\.isFinite) })

    // What the transformers library would read: the template's beginning, the documents, the
    // question.
    func logLikelihood(_ text: String, _ choice: String) -> Double {
      let session = InferenceSession(model)
      return session.logLikelihoods([
        .init(
          prompt: tokenizer.encodeWhole(text),
          choice: tokenizer.encodeWhole(choice, addsTemplate: false))
      ])[0]
    }
    let pretrained = try #require(outcomes.first { $0.arm == "pretrained" }).samples[0]
    #expect(isNear(pretrained.logLikelihoods[0], logLikelihood("Glimmer is for", " data.")))
    let reading = try #require(outcomes.first { $0.arm == "in-context" }).samples[0]
    let texts = world.prompt(groups: [0, 1], seed: 1).map(\.text).joined(separator: "\n\n")
    #expect(
      isNear(reading.logLikelihoods[1], logLikelihood(texts + "\n\nGlimmer is for", " logs.")))
  }

  private func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-3 }

  /// The control sees no fact, and in-context sees all facts.
  @Test func `the prompts hold what the arms say`() throws {
    let trial = try tinyTrial(world: facts().world)
    let asked = trial.questions[0]
    #expect(try Arm.pretrained.prepare(trial).prompt(asked).isEmpty)
    #expect(Set(try Arm.inContext.prepare(trial).prompt(asked)) == Set(Self.documents))
    let shuffled = try Arm.inContextShuffled.prepare(trial).prompt(asked)
    #expect(shuffled.count == 3)
    #expect(try Arm.retrieval.prepare(trial).prompt(asked).last == Self.documents[0])
  }

  @Test func `retrieval takes as many of the five nearest as fit`() throws {
    let world = try facts().world
    let all = try Arm.retrieval.prepare(tinyTrial(world: world)).prompt(
      world.questions(.reversed)[0])
    let trial = try tinyTrial(world: world)
    let question = world.questions(.reversed)[0]
    let room =
      trial.tokenizer.prompt(Array(all.suffix(1))).count + trial.length(question.prompt) + 12
    let tight = try tinyTrial(world: world, contextLength: room)
    #expect(try Arm.retrieval.prepare(tight).prompt(question) == Array(all.suffix(1)))
  }

  @Test func `long documents are split and the notes say so`() throws {
    let long = (1...30).map { "Sentence \($0) tells of Glimmer." }.joined(separator: " ")
    let facts = try facts(documents: [long] + Self.documents.dropFirst(), contextLength: 128)
    let texts = facts.world.articles.map(\.text)
    #expect(texts.count > 5 && facts.summary.documentCount == texts.count)
    #expect(texts.dropLast(2).joined(separator: " ") == long)
    #expect(texts.dropLast(2).allSatisfy { $0.hasPrefix("Sentence ") && $0.hasSuffix(".") })
    #expect(facts.summary.notes.contains { $0.hasPrefix("1 of the 3 documents are longer than ") })
    #expect(try !self.facts().summary.notes.contains { $0.contains("passages") })
  }

  @Test(arguments: [
    "one", "one two three four five six seven", "a. b. c. d. e. f. g.",
    String(repeating: "x", count: 300),
    String(repeating: "👍🏽", count: 40), " \n two  spaces\tand tabs. And more of them here ", "",
  ])
  func `passages keep the words and the limit`(text: String) {
    let passages = UserDocuments.passages(of: text, limit: 12, .tiny)
    for passage in passages { #expect(Tokenizer.tiny.continuation(passage).count <= 12) }
    func solid(_ texts: [String]) -> String { texts.joined().filter { !$0.isWhitespace } }
    #expect(solid(passages) == solid([text]))
  }

  @Test func `a question that is longer than the context is named`() throws {
    let error = #expect(throws: PromptTooLong.self) { try facts(contextLength: 16) }
    #expect(error?.description.contains("Glimmer is an internal tool for") == true)
  }

  @Test func `a model that has not learned the language is reported`() throws {
    #expect(try facts().summary.languageFit.isForeign)
    #expect(try facts().summary.notes.contains { $0.contains("--model FOLDER") })
    // Four letters that occur equally often have two bits each.
    let fit = LanguageFit(of: ["abcdabcd"], model: try untrainedModel(), tokenizer: .tiny)
    #expect(abs(fit.bitsPerByteOfLetters - 2.2) < 0.5)
    #expect(fit.bitsPerByte > 2)
  }

  @Test func `a model that was trained on such texts is not reported`() throws {
    let texts = try Dataset.reversal.world(seed: 98, size: 20).articles.map(\.text)
    var settings = FineTuning.tiny
    settings.epochs = 8
    let trial = try tinyTrial(world: HandMadeWorld(texts: texts), model: untrainedModel())
    let model = try settings.train(trial, on: texts).model
    let fit = LanguageFit(of: Array(texts.prefix(40)), model: model, tokenizer: .tiny)
    #expect(fit.bitsPerByte < fit.bitsPerByteOfLetters && fit.warning == nil)
  }

  @Test func `a question with many choices is shown with only a few`() {
    let sample = Sample(
      dataset: "documents", arm: "a", seed: 1, split: .trained, fact: 0, prompt: "p",
      choices: (0..<30).map { " \($0)" }, answer: 20,
      logLikelihoods: (0..<30).map { $0 == 25 ? -1 : -Double($0 + 2) }, score: 0,
      scoreNormalized: 0, scoreCorrected: 0, isGreedy: (0..<30).map { $0 == 25 })
    let short = Sample.shortened([sample])[0]
    #expect(short.choices == [" 0", " 1", " 2", " 3", " 4", " 5", " 20", " 25"])
    #expect(short.choices[short.answer] == " 20" && short.isGreedy.last == true)
    #expect(short.logLikelihoods.max() == -1)
  }
}
