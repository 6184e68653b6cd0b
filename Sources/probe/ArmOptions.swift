import ArgumentParser
import Corpora
import Study

/// The options of `probe` that say what is run: arms, worlds, points of the dose curve.
struct ArmOptions: ParsableArguments {
  @Option(
    help: """
      The number of worlds; each has new words and facts. With --documents: the number of times to \
      train and sample. (default: 3)
      """)
  var seeds: Int?

  @Option(
    help: """
      The number of the first world; the others follow. (Numbers from 1000 up are reserved for \
      choosing settings.)
      """)
  var firstSeed: UInt64 = 1

  @Option(
    help: """
      The arms to run, comma-separated, or "all". "\(Arm.upperBound.name)" is not an arm, but shows \
      the most that an arm could reach. (default: all; with --documents \
      \(Arm.practical.map(\.name).joined(separator: ", ")))
      """)
  var arms: String?

  @Option(
    help: ArgumentHelp(
      """
      Also run the arm "augmented" with other numbers of samples, comma-separated, such as 4,8,16: \
      the dose curve.
      """, valueName: "sentences"))
  var doses: String?

  @Option(
    help: """
      The maximum number of groups of facts that share a prompt; the group that a question is about \
      is always among them. (default: as many as fit the model's context)
      """)
  var groupsPerPrompt: Int?

  @Option(
    help: """
      The number of threads. As many arms run at once as memory holds; if those are fewer than \
      threads, several threads share the work of an arm. (default, and at most: one for each \
      processor core)
      """)
  var workers: Int?

  @Flag(
    help: """
      Run one world of each dataset and the arms \
      \(Arm.main.map(\.name).joined(separator: ", ")), unless other options say otherwise; this takes \
      a few minutes.
      """)
  var quick = false

  func validate() throws {
    try check("--seeds", seedCount, in: 1...1000)
    try check("--workers", workers, in: 1...1024)
    try check("--groups-per-prompt", groupsPerPrompt, in: 1...1_000_000)
    guard firstSeed <= UInt64.max - UInt64(seedCount) else {
      throw ValidationError(
        "--first-seed is \(firstSeed); it must be at most \(UInt64.max - UInt64(seedCount)).")
    }
    _ = try chosenDoses()
    _ = try chosenArms()
  }

  private var seedCount: Int { seeds ?? (quick ? 1 : 3) }

  /// The numbers of the worlds.
  var worlds: [UInt64] { (0..<UInt64(seedCount)).map { firstSeed + $0 } }

  /// The numbers of samples of the dose curve, in ascending order.
  func chosenDoses() throws -> [Int] {
    let doses = try (doses ?? "").split(separator: ",").map { text in
      guard let dose = Int(text.trimmingCharacters(in: .whitespaces)), (1...1000).contains(dose)
      else {
        throw ValidationError("--doses: \"\(text)\" is not a number from 1 to 1000.")
      }
      return dose
    }
    return Array(Set(doses)).sorted()
  }

  /// - Parameter ofUser: whether the facts are the user's own.
  func chosenArms(ofUser: Bool = false) throws -> [Arm] {
    guard let arms else { return quick ? Arm.main : ofUser ? Arm.practical : Arm.all }
    let names = arms.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let known = Arm.known.map(\.name) + ["all"]
    for name in names where !known.contains(name) {
      throw ValidationError(
        "--arms: there is no arm \"\(name)\"; there are \(known.joined(separator: ", ")).")
    }
    guard !names.isEmpty else { throw ValidationError("--arms is empty; name an arm, or \"all\".") }
    return Arm.known.filter { arm in
      names.contains(arm.name)
        || names.contains("all") && Arm.all.contains { $0.name == arm.name }
    }
  }
}
