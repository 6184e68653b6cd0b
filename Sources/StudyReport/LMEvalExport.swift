import Corpora
import Foundation
import ModelFiles
import Study
import Support
import Tokenization

/// A study's results in the format of EleutherAI's lm-evaluation-harness (0.4.13:
/// `evaluation_tracker.py`, `result_schema.py`), for tools that read it.
///
/// An arm is what the harness calls a model, with its own folder; a dataset's split is a
/// multiple-choice task over all worlds. As in the harness, a tie goes to the first choice,
/// `acc_norm` divides by a choice's characters, and standard errors are over questions. The text
/// before a question's prompt (an arm's facts) is not repeated in the samples.
struct LMEvalExport {
  private let run: Results.Run
  private let arms: [(name: String, tasks: [Task])]
  private let date: String

  /// One split of one dataset, as one arm answered it.
  private struct Task {
    var name: String
    var samples: [Sample]
    var isRanked: Bool { samples.contains { $0.rank != nil } }
    var metrics: [String] { ["acc", "acc_norm"] + (isRanked ? ["exact_match"] : []) }
  }

  init(_ results: Results, _ outcomes: [StudyRun.Outcome]) {
    run = results.run
    date = run.createdAt.replacing(":", with: "-").replacing("Z", with: "")
    arms = outcomes.map(\.arm).uniqued().map { arm in
      let own = outcomes.filter { $0.arm == arm }
      var tasks: [Task] = []
      for dataset in own.map(\.dataset).uniqued() {
        let samples = own.filter { $0.dataset == dataset }.flatMap(\.samples)
        for split in Split.ordered(samples.map(\.split)) {
          var name = Self.name("recto_\(dataset)_\(split.rawValue)")
          while tasks.contains(where: { $0.name == name }) { name += "_" }
          tasks.append(Task(name: name, samples: samples.filter { $0.split == split }))
        }
      }
      return (arm, tasks)
    }
  }

  /// A name as the harness makes it safe for files.
  private static func name(_ text: String) -> String {
    String(
      text.unicodeScalars.map {
        $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil
          ? Character($0) : "_"
      })
  }

  /// Writes one folder per arm.
  ///
  /// - Throws: `FileError` naming what cannot be written.
  func write(to url: URL) throws {
    for (arm, tasks) in arms {
      let folder = url.appendingPathComponent(arm)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      var hashes: [(key: String, value: JSONValue)] = []
      for task in tasks {
        let lines = task.samples.enumerated().map { Self.sample($1, number: $0, task.metrics) }
        hashes.append(
          (task.name, .string(SHA256.digest(lines.map(\.hashes).joined()))))
        try AtomicFile.write(
          Data(lines.map { $0.value.line + "\n" }.joined().utf8),
          to: folder.appendingPathComponent("samples_\(task.name)_\(date).jsonl"))
      }
      try AtomicFile.write(
        Data((results(arm, tasks, hashes: .object(hashes)).text + "\n").utf8),
        to: folder.appendingPathComponent("results_\(date).json"))
    }
  }

  private func results(_ arm: String, _ tasks: [Task], hashes: JSONValue) -> JSONValue {
    func each(_ value: (Task) -> JSONValue) -> JSONValue {
      .object(tasks.map { ($0.name, value($0)) })
    }
    let seed = JSONValue.integer(Int(clamping: run.seeds.first ?? 0))
    let name = (run.adapter ?? run.model) + "/" + arm
    let time = ISO8601DateFormatter().date(from: run.createdAt)?.timeIntervalSince1970 ?? 0
    let arguments =
      "pretrained=\(run.model)\(run.adapter.map { ",peft=\($0)" } ?? ""),arm=\(arm)"
    return [
      "results": each(Self.metrics),
      "group_subtasks": each { _ in [] },
      "configs": each { configuration($0, arm) },
      "versions": each { _ in 1.0 },
      "n-shot": each { _ in 0 },
      "higher_is_better": each { .object($0.metrics.map { ($0, true) }) },
      "n-samples": each { task in
        let count = JSONValue.integer(task.samples.count)
        return ["original": count, "effective": count]
      },
      "config": [
        "model": "recto", "model_args": .string(arguments),
        "model_num_parameters": .integer(run.parameters), "batch_size": 1, "batch_sizes": [],
        "device": "cpu", "use_cache": nil, "limit": nil, "bootstrap_iters": 0, "gen_kwargs": nil,
        "random_seed": seed, "numpy_seed": seed, "torch_seed": seed, "fewshot_seed": seed,
      ],
      "git_hash": nil, "date": .number(time), "task_hashes": hashes, "model_source": "recto",
      "model_name": .string(name),
      "model_name_sanitized": .string(name.replacing("/", with: "__")),
      "system_instruction": nil, "system_instruction_sha": nil, "fewshot_as_multiturn": nil,
      "chat_template": nil, "chat_template_sha": nil,
      "total_evaluation_time_seconds": "\(run.seconds)",
    ]
  }

  private static func metrics(_ task: Task) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("name", .string(task.name)), ("alias", .string(task.name)),
      ("sample_len", .integer(task.samples.count)),
    ]
    for metric in task.metrics {
      let values = task.samples.map { value(metric, $0) }
      let estimate = Estimate(values)
      let error: JSONValue = values.count > 1 ? .number(estimate.standardError) : "N/A"
      members.append((metric + ",none", .number(estimate.mean)))
      members.append((metric + "_stderr,none", error))
    }
    return .object(members)
  }

  /// 1 where a sample is right by a metric, else 0.
  private static func value(_ metric: String, _ sample: Sample) -> Double {
    func isRight(_ scores: [Double]) -> Bool {
      scores.firstIndex(of: scores.max() ?? 0) == sample.answer
    }
    switch metric {
    case "acc": return isRight(sample.logLikelihoods) ? 1 : 0
    case "acc_norm":
      let lengths = sample.choices.map { plain($0).unicodeScalars.count }
      return isRight(zip(sample.logLikelihoods, lengths).map { $0 / Double(max(1, $1)) }) ? 1 : 0
    default: return sample.isExact ? 1 : 0
    }
  }

  /// A choice without the white space that separates it from the prompt.
  private static func plain(_ choice: String) -> String {
    String(choice.drop(while: \.isWhitespace))
  }

  private func configuration(_ task: Task, _ arm: String) -> JSONValue {
    let about = Arm.named(arm)?.summary ?? ""
    let metrics = task.metrics.map { metric -> JSONValue in
      ["metric": .string(metric), "aggregation": "mean", "higher_is_better": true]
    }
    return [
      "task": .string(task.name), "tag": ["recto"],
      "test_split": .string(task.samples.first?.split.rawValue ?? ""),
      "doc_to_text": "{{prompt}}", "doc_to_target": "answer", "doc_to_choice": "choices",
      "description": "Arm \(arm): \(about).", "target_delimiter": " ", "num_fewshot": 0,
      "metric_list": .array(metrics), "output_type": "multiple_choice", "repeats": 1,
      "should_decontaminate": false, "metadata": ["version": 1.0, "arm": .string(arm)],
    ]
  }

  /// A line of a file of samples, and its hashes one after the other.
  private static func sample(
    _ sample: Sample, number: Int, _ metrics: [String]
  ) -> (value: JSONValue, hashes: String) {
    let document: JSONValue = [
      "dataset": .string(sample.dataset), "split": .string(sample.split.rawValue),
      "seed": .integer(Int(clamping: sample.seed)), "fact": .integer(sample.fact),
      "prompt": .string(sample.prompt),
      "choices": .array(sample.choices.map { .string(plain($0)) }),
      "answer": .integer(sample.answer),
    ]
    let target = String(sample.answer)
    let hashes = [document.text, sample.prompt, target].map(SHA256.digest)
    let responses = zip(sample.logLikelihoods, sample.isGreedy).map {
      value, isGreedy -> JSONValue in
      ["\(value)", isGreedy ? "True" : "False"]
    }
    let arguments = sample.choices.enumerated().map { place, choice in
      let value: JSONValue = ["arg_0": .string(sample.prompt), "arg_1": .string(choice)]
      return (key: "gen_args_\(place)", value: value)
    }
    var members: [(key: String, value: JSONValue)] = [
      ("doc_id", .integer(number)), ("doc", document), ("target", .string(target)),
      ("arguments", .object(arguments)), ("resps", .array(responses.map { [$0] })),
      ("filtered_resps", .array(responses)), ("filter", "none"),
      ("metrics", .array(metrics.map { .string($0) })), ("doc_hash", .string(hashes[0])),
      ("prompt_hash", .string(hashes[1])), ("target_hash", .string(hashes[2])),
    ]
    members += metrics.map { ($0, .number(value($0, sample))) }
    return (.object(members), hashes.joined())
  }
}
