import Corpora
import Testing

@testable import Study

@Suite struct PromptPlanTests {
  private static let text = "femp are more rony than glon."

  /// A trial of ten groups with the given number of sentences each, and a context that holds
  /// `fitting` sentences and the question, with one token more or less.
  private func trial(
    _ sentences: [Int] = .init(repeating: 1, count: 10), fitting: Int, extra: Int = 0,
    groupsPerPrompt: Int? = nil
  ) throws -> Trial {
    let world = HandMadeWorld(
      texts: sentences.map {
        [String](repeating: Self.text, count: $0).joined(separator: " ")
      })
    let trial = try tinyTrial(world: world)
    let question = trial.questions[0]
    let longest =
      trial.length(question.prompt)
      + (question.choices.map { trial.tokenizer.encode($0).count }.max() ?? 0)
    return try tinyTrial(
      world: world, contextLength: 1 + fitting * trial.length(Self.text) + longest + extra,
      groupsPerPrompt: groupsPerPrompt)
  }

  @Test func `groups are split in order into blocks of nearly equal size`() {
    #expect(PromptPlan.blocks(of: 3, size: 3) == [[0, 1, 2]])
    #expect(PromptPlan.blocks(of: 3, size: 9) == [[0, 1, 2]])
    #expect(PromptPlan.blocks(of: 3, size: 1) == [[0], [1], [2]])
    #expect(PromptPlan.blocks(of: 10, size: 4) == [[0, 1, 2], [3, 4, 5], [6, 7, 8, 9]])
    for count in 1...12 {
      for size in 1...13 {
        let blocks = PromptPlan.blocks(of: count, size: size)
        #expect(blocks.flatMap { $0 } == Array(0..<count))
        let sizes = blocks.map(\.count)
        #expect((sizes.max() ?? 0) <= size && (sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        #expect(blocks.count == (count + size - 1) / size)
      }
    }
  }

  @Test func `as many groups share a prompt as fit with the longest question`() throws {
    #expect(try PromptPlan(trial(fitting: 10)).blocks == [Array(0..<10)])
    #expect(try PromptPlan(trial(fitting: 10, extra: -1)).blocks == [Array(0..<5), Array(5..<10)])
    #expect(try PromptPlan(trial(fitting: 5)).blocks == [Array(0..<5), Array(5..<10)])
    #expect(
      try PromptPlan(trial(fitting: 5, extra: -1)).blocks == [
        [0, 1, 2], [3, 4, 5], [6, 7, 8, 9],
      ])
    #expect(try PromptPlan(trial(fitting: 1)).blocks == (0..<10).map { [$0] })
  }

  @Test func `a prompt may be limited to fewer tokens, but a group gets what it needs`() throws {
    let wide = try trial(fitting: 10)
    let few = try trial(fitting: 5).model.configuration.contextLength
    #expect(try PromptPlan(wide, tokens: few).blocks.count == 2)
    #expect(try PromptPlan(wide, tokens: few - 1).blocks.count == 3)
    #expect(try PromptPlan(wide, tokens: 1).blocks == (0..<10).map { [$0] })
    #expect(try PromptPlan(wide, tokens: .max).blocks.count == 1)
    let narrow = try trial([3, 3], fitting: 2)
    #expect(throws: PromptTooLong.self) { try PromptPlan(narrow, tokens: 1) }
  }

  @Test func `fewer groups may be asked for, not more`() throws {
    #expect(try PromptPlan(trial(fitting: 10, groupsPerPrompt: 4)).blocks.count == 3)
    #expect(try PromptPlan(trial(fitting: 10, groupsPerPrompt: 1)).blocks.count == 10)
    #expect(try PromptPlan(trial(fitting: 5, groupsPerPrompt: 8)).blocks.count == 2)
    #expect(try PromptPlan(trial(fitting: 10, groupsPerPrompt: .max)).blocks.count == 1)
  }

  @Test func `room may be kept after a prompt`() throws {
    let trial = try trial(fitting: 10)
    let left = trial.model.configuration.contextLength - 1 - 10 * trial.length(Self.text)
    #expect(try PromptPlan(trial, room: 1).blocks.count == 1)
    #expect(try PromptPlan(trial, room: left).blocks.count == 1)
    #expect(try PromptPlan(trial, room: left + 1).blocks.count == 2)
  }

  @Test func `the error for a group that does not fit has the numbers and a fix`() throws {
    let trial = try trial(fitting: 1, extra: -1)
    let error = #expect(throws: PromptTooLong.self) { try PromptPlan(trial) }
    let message = try #require(error?.description)
    let limit = trial.model.configuration.contextLength
    #expect(message.hasPrefix("reversal: "))
    #expect(message.contains("a prompt of \(1 + trial.length(Self.text)) tokens"))
    #expect(message.contains("with the question \(limit + 1)"))
    #expect(message.contains("context is \(limit)."))
    #expect(message.contains("--arms"))
  }

  /// Contexts that hold the whole world, nearly all of it, and much less.
  @Test(arguments: Dataset.all)
  func `every question finds its facts in a prompt that fits`(dataset: Dataset) throws {
    let size = dataset == .family ? 3 : dataset == .hierarchy ? 33 : 15
    let model = try tinyModel(contextLength: 16_384)
    let whole = try tinyTrial(dataset, size: size, model: model)
    let all = Array(0..<whole.world.groupCount)
    let length = 1 + PromptPlan.texts(whole, all).reduce(0) { $0 + whole.length($1) }
    for share in [1.2, 0.9, 0.7] {
      let limit = Int(share * Double(length)) + 40
      let trial = try tinyTrial(dataset, size: size, contextLength: limit)
      let blocks = try PromptPlan(trial).blocks
      #expect(blocks.flatMap { $0 } == all)
      #expect(share > 1 ? blocks.count == 1 : blocks.count > 1)
      for isShuffled in [false, true] {
        let prompt = PromptPlan.prompt(trial, blocks: blocks, isShuffled: isShuffled)
        for question in trial.questions {
          let texts = prompt(question)
          let block = try #require(blocks.first { $0.contains(question.group) })
          #expect(texts == PromptPlan.texts(trial, block, isShuffled: isShuffled))
          let asked =
            trial.length(question.prompt)
            + (question.choices.map { trial.tokenizer.encode($0).count }.max() ?? 0)
          #expect(1 + texts.reduce(0) { $0 + trial.length($1) } + asked <= limit)
        }
      }
    }
  }

  /// Three long groups in a row fall into two blocks of five and into one of four.
  @Test func `a smaller block that does not fit leaves a gap in the learning curve`() throws {
    let trial = try trial([1, 1, 1, 10, 10, 10, 1, 1, 1, 1], fitting: 28)
    #expect(try PromptPlan(trial).blocks == [Array(0..<5), Array(5..<10)])
    let curve = try Arm.inContext.prepare(trial).curve
    #expect(curve.map(\.x) == [1, 2, 5])
  }

  @Test func `the curve of in-context goes from one group to as many as fit`() throws {
    let trial = try tinyTrial(size: 23)
    let curve = try Arm.inContext.prepare(trial).curve
    // Five groups in blocks of at most 1, 2, 4 and 5: 5, 3, 2 and 1 of them.
    let expected: [Double] = [5, 3, 2, 1].map { 23 / $0 }
    #expect(curve.map(\.x) == expected)
    #expect(curve.allSatisfy { Set($0.accuracies.keys) == ["trained", "rephrased", "reversed"] })
    #expect(try Arm.inContext.prepare(tinyTrial()).curve.map(\.x) == [4])
  }
}
