import Corpora
import Testing

@testable import Study

@Suite struct ArmTests {
  @Test func `arms have different names, written as in the results`() {
    let names = Arm.all.map(\.name)
    #expect(Set(names).count == names.count)
    let promised: Set = ["pretrained", "fine-tuned", "in-context", "augmented-local"]
    #expect(promised.isSubset(of: names))
    for arm in Arm.all {
      #expect(arm.name.allSatisfy { $0.isLowercase || $0 == "-" })
      #expect(!arm.summary.isEmpty)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `the prompt of in-context is true, that of the control half wrong`(seed: UInt64) throws {
    let bench = try tinyBench(seed: seed, factCount: 12)
    let told = try Arm.inContext.prepare(bench)
    let control = try Arm.inContextShuffled.prepare(bench)
    #expect(told.model === bench.model && control.model === bench.model)
    #expect(told.prompt.count == 12 && control.prompt.count == 12)
    #expect(told.prompt.allSatisfy { bench.world.verdict(on: $0) == .isTrue(answers: nil) })
    // Of an odd number of facts that say "more", a coin decides about one.
    let wrong = control.prompt.filter { bench.world.verdict(on: $0) == .isFalse }.count
    #expect((5...7).contains(wrong))
    #expect(control.prompt.allSatisfy { bench.world.verdict(on: $0) != .isMalformed })
  }

  @Test func `arms that say that they train do, the others leave the model alone`() throws {
    let bench = try tinyBench()
    for arm in Arm.all {
      let prepared = try arm.prepare(bench)
      #expect((prepared.model !== bench.model) == arm.trains, "\(arm.name)")
      #expect((prepared.tokensTrained > 0) == arm.trains, "\(arm.name)")
    }
  }

  @Test func `a verdict says which question a sentence answers`() throws {
    let world = try tinyWorld()
    let rendering = Rendering(preamble: "Note that", verb: "seem")
    #expect(world.verdict(on: rendering.sentence(world.facts[2])) == .isTrue(answers: nil))
    #expect(
      world.verdict(on: rendering.sentence(world.facts[2].reversed))
        == .isTrue(answers: QuestionKey(split: .reversed, fact: 2)))
    #expect(world.verdict(on: rendering.sentence(world.facts[2].contradicted)) == .isFalse)
    #expect(world.verdict(on: "Note that seem.") == .isMalformed)
  }
}
