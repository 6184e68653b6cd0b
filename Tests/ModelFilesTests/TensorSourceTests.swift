import Foundation
import Kernels
import Support
import Testing
import Transformer

@testable import ModelFiles

/// Tensors in memory: a third implementation beside the files.
private struct MemorySource: TensorSource {
  let url = URL(filePath: "/memory")
  var tensors: [String: (shape: [Int], values: [Float])] = [:]

  var tensorNames: [String] { Array(tensors.keys) }

  func file(ofTensor name: String) -> URL {
    tensors[name] == nil ? url : url.appendingPathComponent(name)
  }

  private func tensor(_ name: String) throws -> (shape: [Int], values: [Float]) {
    guard let tensor = tensors[name] else { throw TensorError.missing(name) }
    return tensor
  }

  func shape(ofTensor name: String) throws -> [Int] { try tensor(name).shape }
  func checkType(ofTensor name: String) throws { _ = try tensor(name) }
  func readFloats(ofTensor name: String, into destination: Floats) throws {
    destination.copy(from: try tensor(name).values)
  }
}

@Suite struct TensorSourceTests {
  private let configuration = tinyConfiguration()

  /// A source of a model's tensors, and these as they stand in its arena.
  private func source() -> (source: MemorySource, parameters: [Float]) {
    let layout = ParameterLayout(configuration)
    let storage = FloatStorage(count: layout.count)
    fillWithNumbers(storage.floats)
    var source = MemorySource()
    for entry in layout.entries {
      source.tensors[entry.name] = (
        entry.shape, storage.floats.slice(entry.offset, entry.count).array
      )
    }
    return (source, storage.floats.array)
  }

  @Test func `a model is read from any source`() throws {
    let (source, parameters) = source()
    try source.check(configuration)
    let copy = FloatStorage(count: parameters.count)
    try source.read(ParameterLayout(configuration).entries, into: copy.floats)
    #expect(copy.floats.array == parameters)
  }

  @Test func `tensors that do not fit are named`() throws {
    let name = "model.norm.weight"
    for (change, problem) in [
      ({ $0.tensors[name] = nil }, "is missing"),
      ({ $0.tensors[name]?.shape = [2, 4] }, "has the shape [2, 4], expected [8]"),
      ({ $0.tensors["model.extra"] = ([], [1]) }, "\"model.extra\" has no place"),
    ] as [((inout MemorySource) -> Void, String)] {
      var (source, _) = source()
      change(&source)
      let error = #expect(throws: FileError.self) { try source.check(configuration) }
      #expect(error?.path == "/memory")
      #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    }
    var (source, parameters) = source()
    source.tensors[name]?.values[1] = .nan
    let copy = FloatStorage(count: parameters.count)
    let error = #expect(throws: FileError.self) {
      try source.read(ParameterLayout(configuration).entries, into: copy.floats)
    }
    #expect(error?.path == "/memory/\(name)")
    #expect(error?.problem.contains("NaN") == true)
  }

  /// What a family ignores of old files is no tensor too many, nor is a tied head saved twice.
  @Test func `what no model needs is ignored`() throws {
    var (source, _) = source()
    source.tensors["lm_head.weight"] = ([11, 8], [])
    source.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = ([3], [])
    try source.check(configuration)
  }
}
