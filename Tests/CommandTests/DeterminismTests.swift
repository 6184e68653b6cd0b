import Foundation
import TestSupport
import Testing
import Training

/// The same command twice on one machine gives the same bytes, except for times.
@Suite struct DeterminismTests {
  @Test func `train makes the same bytes twice`() async throws {
    try await inTemporaryFolder { folder in
      try Recipe.tiny(tokens: 12 * 1024).write(to: folder.appendingPathComponent("recipe.json"))
      for name in ["a", "b"] {
        let result = try await Command(name: "train", folder: folder).run([
          "--recipe", "recipe.json", "--workers", "2", "--seed", "3", "--quiet", "--output", name,
        ])
        #expect(result.status == 0, "\(result.error)")
      }
      let files = try paths(below: folder.appendingPathComponent("a"))
      #expect(try files == paths(below: folder.appendingPathComponent("b")))
      #expect(files.contains("checkpoints/12/optimizer.safetensors"))
      for name in files where !name.hasSuffix("README.md") && !name.hasSuffix("SHA256SUMS") {
        let (a, b) = ("a/" + name, "b/" + name)
        if name.hasSuffix(".jsonl") || name.hasSuffix("state.json") {
          #expect(try withoutTimes(a, folder) == withoutTimes(b, folder), "\(name)")
        } else if !(try isFolder(a, folder)) {
          #expect(
            try Data(contentsOf: folder.appendingPathComponent(a))
              == Data(contentsOf: folder.appendingPathComponent(b)), "\(name)")
        }
      }
    }
  }

  private func isFolder(_ name: String, _ folder: URL) throws -> Bool {
    try folder.appendingPathComponent(name).resourceValues(forKeys: [.isDirectoryKey])
      .isDirectory == true
  }

  /// Results without dates, times and what is computed from them.
  private func lasting(_ value: Any) -> Any {
    if let object = value as? [String: Any] {
      // Break-even points are quotients of seconds.
      let times = ["seconds", "created_at", "peak_memory", "command", "queries"]
      return object.filter { key, _ in
        key == "queries_by_operations" || !times.contains { key.contains($0) }
      }.mapValues(lasting)
    }
    if let list = value as? [Any] {
      return list.filter { value in
        ((value as? [String: Any])?["claim"] as? String)?.contains("cheaper") != true
      }.map(lasting)
    }
    return value
  }

  @Test func `probe gives the same results twice`() async throws {
    try await inTemporaryFolder { folder in
      try writeTinyModel(to: folder.appendingPathComponent("model"))
      var results: [Data] = []
      for name in ["a", "b"] {
        let result = try await Command(name: "probe", folder: folder).run([
          "--reversal", "--syllogism", "--size", "3", "--seeds", "2", "--epochs", "1", "--model",
          "model", "--output", name, "--keep-augmentations", "--quiet",
        ])
        #expect(result.status == 0, "\(result.error)")
        let data = try Data(contentsOf: folder.appendingPathComponent(name + "/results.json"))
        let kept = lasting(try JSONSerialization.jsonObject(with: data))
        results.append(
          try JSONSerialization.data(
            withJSONObject: kept, options: [.sortedKeys, .prettyPrinted]))
      }
      #expect(results[0] == results[1])
      #expect(results[0].count > 10_000)
      for name in ["samples.jsonl", "augmentations.jsonl"] {
        let files = try ["a/", "b/"].map {
          try Data(contentsOf: folder.appendingPathComponent($0 + name))
        }
        #expect(files[0] == files[1], "\(name)")
        #expect(!files[0].isEmpty)
      }
    }
  }
}
