import Foundation
import Kernels
import Transformer

/// Whether a model's head is its embedding, decided by the tensors as in transformers: two that
/// differ are not tied, whatever the configuration says; and of two tied ones, either is enough.
struct TiedTensors: TensorSource {
  private let base: any TensorSource
  /// The tensor that stands for one that is missing.
  private let names: [String: String]
  /// The configuration, with ties as the tensors have them.
  let configuration: Configuration

  /// - Throws: `FileError` naming the file that cannot be read.
  init(_ base: any TensorSource, _ configuration: Configuration) throws {
    self.base = base
    var configuration = configuration
    var names: [String: String] = [:]
    let family = configuration.family
    let present = Set(base.tensorNames)
    switch (present.contains(family.embedding), present.contains(family.tiedHead)) {
    case (true, true):
      if configuration.tiesEmbeddings {
        configuration.tiesEmbeddings = try base.areEqual(family.embedding, family.tiedHead)
      }
    case (true, false): configuration.tiesEmbeddings = true
    case (false, true):
      configuration.tiesEmbeddings = true
      names[family.embedding] = family.tiedHead
    case (false, false): break
    }
    self.configuration = configuration
    self.names = names
  }

  private func own(_ name: String) -> String { names[name] ?? name }

  var url: URL { base.url }
  var tensorNames: [String] { base.tensorNames + names.keys }
  func file(ofTensor name: String) -> URL { base.file(ofTensor: own(name)) }
  func shape(ofTensor name: String) throws -> [Int] { try base.shape(ofTensor: own(name)) }
  func checkType(ofTensor name: String) throws { try base.checkType(ofTensor: own(name)) }
  func readFloats(ofTensor name: String, into destination: Floats) throws {
    try base.readFloats(ofTensor: own(name), into: destination)
  }
}

extension TensorSource {
  /// Whether two tensors have the same shape and numbers; tensors that cannot be read are taken for
  /// equal, so that their error comes where they are read.
  fileprivate func areEqual(_ first: String, _ second: String) throws -> Bool {
    let (a, b) = (try shape(ofTensor: first), try shape(ofTensor: second))
    guard a == b else { return false }
    let count = a.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard count > 0, (try? checkType(ofTensor: first)) != nil,
      (try? checkType(ofTensor: second)) != nil
    else { return true }
    let one = FloatStorage(count: count)
    let other = FloatStorage(count: count)
    try readFloats(ofTensor: first, into: one.floats)
    try readFloats(ofTensor: second, into: other.floats)
    return (0..<count).allSatisfy { one.floats[$0] == other.floats[$0] }
  }
}
