import Corpora
import Foundation
import Support
import TestSupport
import Testing

@testable import Study
@testable import StudyReport

@Suite struct LMEvalExportTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000),
      "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
    ),
  ])
  func `hashes equal those of the SHA-256 standard`(text: String, digest: String) {
    #expect(SHA256.digest(text) == digest)
  }

  private func sample(_ values: [Double], answer: Int, choices: [String]) -> Sample {
    Sample(
      dataset: "reversal", arm: "in-context", seed: 1, split: .reversed, fact: 3,
      prompt: "glon are", choices: choices, answer: answer, logLikelihoods: values, score: 0,
      scoreNormalized: 0, scoreCorrected: 0, isGreedy: values.map { $0 == values.max() })
  }

  private func write(_ samples: [Sample], to folder: URL) throws {
    var outcome = HandMade.outcome("in-context", right: [.reversed: 1])
    outcome.samples = samples
    let results = HandMade.results([outcome])
    try results.write(
      [outcome], keepsAugmentations: false, inLMEvalForm: true,
      to: folder.appendingPathComponent("study"))
  }

  @Test func `results and samples have the harness's keys and numbers`() throws {
    try withTemporaryFolder { folder in
      // By sums the first is right and the second wrong; by characters the second is right too.
      try write(
        [
          sample([-1, -3], answer: 0, choices: [" more", " less"]),
          sample([-3, -2], answer: 0, choices: [" a long one", " a"]),
          sample([-2, -2], answer: 1, choices: [" b", " c"]),
        ], to: folder)
      let arm = folder.appendingPathComponent("study/lm-eval/in-context")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: arm.path).sorted() == [
          "results_1970-01-01T00-00-00.json",
          "samples_recto_reversal_reversed_1970-01-01T00-00-00.jsonl",
        ])
      let results = try #require(
        JSONSerialization.jsonObject(
          with: Data(
            contentsOf: arm.appendingPathComponent("results_1970-01-01T00-00-00.json")))
          as? [String: Any])
      let task = try #require(
        (results["results"] as? [String: [String: Any]])?["recto_reversal_reversed"])
      #expect(isClose(task["acc,none"] as? Double, 1.0 / 3))
      #expect(isClose(task["acc_norm,none"] as? Double, 2.0 / 3))
      // The sample's standard deviation over the square root of three.
      #expect(isClose(task["acc_stderr,none"] as? Double, (1.0 / 9).squareRoot()))
      #expect(task["exact_match,none"] == nil)
      let counts = results["n-samples"] as? [String: [String: Int]]
      #expect(counts?["recto_reversal_reversed"] == ["original": 3, "effective": 3])
      for key in [
        "group_subtasks", "configs", "versions", "n-shot", "higher_is_better", "config", "date",
        "task_hashes", "model_name",
      ] {
        #expect(results[key] != nil, "\(key)")
      }

      let lines = try String(
        contentsOf: arm.appendingPathComponent(
          "samples_recto_reversal_reversed_1970-01-01T00-00-00.jsonl"), encoding: .utf8
      ).split(separator: "\n")
      #expect(lines.count == 3)
      let line = try #require(
        JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: Any])
      #expect(line["doc_id"] as? Int == 1 && line["target"] as? String == "0")
      #expect(line["acc"] as? Double == 0 && line["acc_norm"] as? Double == 1)
      #expect(line["resps"] as? [[[String]]] == [[["-3.0", "False"]], [["-2.0", "True"]]])
      #expect(line["filtered_resps"] as? [[String]] == [["-3.0", "False"], ["-2.0", "True"]])
      #expect(
        line["arguments"] as? [String: [String: String]] == [
          "gen_args_0": ["arg_0": "glon are", "arg_1": " a long one"],
          "gen_args_1": ["arg_0": "glon are", "arg_1": " a"],
        ])
      #expect((line["doc"] as? [String: Any])?["choices"] as? [String] == ["a long one", "a"])
      #expect(line["target_hash"] as? String == SHA256.digest("0"))
    }
  }

  @Test func `names that would share a file get different files`() throws {
    try withTemporaryFolder { folder in
      var other = sample([-1, -2], answer: 0, choices: [" a", " b"])
      other.split = Split(rawValue: "who/owns")
      var third = other
      third.split = Split(rawValue: "who owns")
      try write([other, third], to: folder)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent("study/lm-eval/in-context").path
      ).filter { $0.hasPrefix("samples_") }.sorted()
      #expect(
        names == [
          "samples_recto_reversal_who_owns_1970-01-01T00-00-00.jsonl",
          "samples_recto_reversal_who_owns__1970-01-01T00-00-00.jsonl",
        ])
    }
  }
}
