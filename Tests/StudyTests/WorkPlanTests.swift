import Corpora
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite struct WorkPlanTests {
  private func plan(
    workers: Int, worlds: Int, megabytes: Int?, arms: [Arm] = Arm.main, lora: Int? = nil
  ) throws -> WorkPlan {
    var settings = FineTuning()
    settings.loraRank = lora
    return WorkPlan(
      workerCount: workers, worldCount: worlds, try untrainedModel(), arms, settings, longest: 256,
      rowLength: 256,
      availableBytes: megabytes.map { $0 << 20 })
  }

  @Test func `arms run beside each other while memory holds them`() throws {
    let ample = try plan(workers: 4, worlds: 5, megabytes: 100_000)
    #expect(ample.armsAtOnce == 4 && ample.threadsPerArm == 1 && !ample.exceedsMemory)
    let unknown = try plan(workers: 4, worlds: 5, megabytes: nil)
    #expect(unknown.armsAtOnce == 4)
    // Room for the reserve and two arms, of which each may sample branches in 256 MiB.
    let two = try plan(workers: 4, worlds: 5, megabytes: 512 + 2 * 350)
    #expect(two.armsAtOnce == 2 && two.threadsPerArm == 2)
    let none = try plan(workers: 4, worlds: 5, megabytes: 10)
    #expect(none.armsAtOnce == 1 && none.threadsPerArm == 4 && none.exceedsMemory)
    #expect(none.summary.contains("too much"))
  }

  @Test func `a single arm takes all threads`() throws {
    let one = try plan(workers: 4, worlds: 1, megabytes: 100_000, arms: [.fineTuned, .inContext])
    #expect(one.armsAtOnce == 1 && one.threadsPerArm == 4)
    let three = try plan(workers: 8, worlds: 3, megabytes: 100_000, arms: [.augmented])
    #expect(three.armsAtOnce == 3 && three.threadsPerArm == 2)
  }

  @Test func `reading needs less than training, and an adapter less than all parameters`() throws {
    func bytes(_ arms: [Arm], lora: Int? = nil) throws -> Int {
      try plan(workers: 1, worlds: 2, megabytes: 100_000, arms: arms, lora: lora).bytes
    }
    let (reading, training) = (try bytes([.inContext]), try bytes([.fineTuned]))
    #expect(reading < training)
    #expect(try bytes([.fineTuned], lora: 2) < training)
    #expect(try bytes([.fineTuned, .doseMatched]) > training)
  }

  /// Arms that share the machine in another way give the same answers within rounding.
  @Test func `threads that share an arm change only the rounding`() throws {
    let trial = try tinyTrial()
    for arm in [Arm.inContext, .fineTuned, .augmented] {
      let answers = try [1, 3, 3].map { threads in
        let trial = trial.with(threadCount: threads)
        return try trial.scoring().logLikelihoods(arm.prepare(trial), trial.questions)
          .flatMap { $0 }
      }
      #expect(answers[1] == answers[2])
      for (one, three) in zip(answers[0], answers[1]) {
        #expect(abs(one - three) < 0.05, "\(arm.name)")
      }
    }
  }

  @Test func `a low-rank adapter learns, and leaves the model as it is`() throws {
    var settings = FineTuning.tiny
    settings.loraRank = 4
    settings.epochs = 8
    let trial = try tinyTrial(fineTuning: settings)
    let before = trial.model.parameters.array
    let prepared = try Arm.fineTuned.prepare(trial)
    #expect(trial.model.parameters.array == before)
    let fits = [trial.model, prepared.model].map {
      LanguageFit(of: trial.documents, model: $0, tokenizer: trial.tokenizer).bitsPerByte
    }
    #expect(fits[1] < 0.9 * fits[0])
    // What several arms share can be copied and trained on.
    let more = try Arm.doseMatched.prepare(trial)
    #expect(more.cost.tokensTrained > prepared.cost.tokensTrained)
  }

  @Test func `a curve asks no more than training costs`() throws {
    var settings = FineTuning.tiny
    settings.epochs = 1
    let world = HandMadeWorld(
      texts: (0..<50).map { "femp are \($0)." },
      asked: Array(repeating: "femp are more rony than", count: 4).joined(separator: " "))
    let few = try tinyTrial(world: world, fineTuning: settings)
    settings.epochs = 1000
    let many = try tinyTrial(world: world, fineTuning: settings)
    #expect(few.watchedQuestions.count < 40)
    #expect(many.watchedQuestions.count == 40)
  }
}
