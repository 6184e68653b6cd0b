import Foundation
import Kernels
import Support
import Transformer

/// Named tensors that can be read as floats: a file, or a folder of files.
///
/// A new file format is a type that conforms; what checks and reads a model's parameters, or an
/// adapter's, is written once for all of them.
public protocol TensorSource: Sendable {
  /// What an error names if it is not about one tensor: the file, or the index of several.
  var url: URL { get }
  /// The name of every tensor.
  var tensorNames: [String] { get }
  /// The file that holds a tensor; `url` if there is no such tensor.
  func file(ofTensor name: String) -> URL
  /// - Throws: `TensorError.missing`.
  func shape(ofTensor name: String) throws -> [Int]
  /// Checks that the numbers of a tensor can be converted to floats.
  ///
  /// - Throws: `TensorError.missing` or `.unsupportedType`.
  func checkType(ofTensor name: String) throws
  /// Reads one tensor from its file into `destination`, row-major.
  ///
  /// - Throws: `TensorError` if there is none of that name, its count is not that of `destination`,
  ///   or its type is not supported; `FileError` if the file cannot be read.
  func readFloats(ofTensor name: String, into destination: Floats) throws
}

extension TensorSource {
  /// Checks that the tensors are those of a model: each in its shape and in a type that can be
  /// read, and no others.
  ///
  /// - Throws: `FileError` naming `url`.
  func check(_ configuration: Configuration) throws {
    try FileError.naming(url) {
      try configuration.validate()
      let entries = ParameterLayout(configuration).entries
      try check(entries)
      var known = Set(entries.map(\.name))
      let family = configuration.family
      if configuration.tiesEmbeddings { known.insert(family.tiedHead) }
      let ignored = family.ignoredTensors + Self.headsOfTraining
      let extras = tensorNames.filter { name in
        !known.contains(name) && !ignored.contains(where: name.hasSuffix)
      }
      // A bias of zeros changes nothing, whether the model has it or not.
      if let extra = try extras.sorted().first(where: { try !isBiasOfZeros($0) }) {
        throw TensorError.unexpected(extra)
      }
    }
  }

  /// Heads that reinforcement learning adds beside the model.
  private static var headsOfTraining: [String] {
    ["v_head.summary.weight", "v_head.summary.bias", "v_head.weight", "v_head.bias"]
  }

  private func isBiasOfZeros(_ name: String) throws -> Bool {
    guard name.hasSuffix(".bias"), let shape = try? shape(ofTensor: name), shape.count == 1,
      let count = shape.first, (1...1 << 20).contains(count),
      (try? checkType(ofTensor: name)) != nil
    else { return false }
    let numbers = FloatStorage(count: count)
    try readFloats(ofTensor: name, into: numbers.floats)
    return (0..<count).allSatisfy { numbers.floats[$0] == 0 }
  }

  /// Checks that each of some tensors is there in its shape and in a type that can be read.
  ///
  /// - Parameter prefix: what stands in the file before the name of each entry.
  /// - Throws: `FileError` naming `url`.
  func check(_ entries: [ParameterLayout.Entry], prefix: String = "") throws {
    try FileError.naming(url) {
      for entry in entries {
        let name = prefix + entry.name
        let shape = try shape(ofTensor: name)
        guard shape == entry.storedShape else {
          throw TensorError.unexpectedShape(
            tensor: name, expected: entry.storedShape, found: shape)
        }
        try checkType(ofTensor: name)
      }
    }
  }

  /// Reads tensors into the arena that the entries describe.
  ///
  /// - Parameter prefix: what stands in the file before the name of each entry.
  /// - Throws: `FileError` naming the file: a tensor is missing, has another count or type, or
  ///   holds a number that is not finite. What `parameters` then hold is undefined.
  func read(
    _ entries: [ParameterLayout.Entry], prefix: String = "", into parameters: Floats
  ) throws {
    for entry in entries {
      let name = prefix + entry.name
      let floats = parameters.slice(entry.offset, entry.count)
      try FileError.naming(file(ofTensor: name)) {
        try readFloats(ofTensor: name, into: floats)
        guard floats.isFinite else { throw TensorError.notFinite(tensor: name) }
        entry.order.fromFile(floats, shape: entry.shape)
      }
    }
  }
}

/// A tensor that is not what was asked for.
public enum TensorError: Error, Equatable {
  case missing(String)
  case unexpected(String)
  case unexpectedShape(tensor: String, expected: [Int], found: [Int])
  /// The tensor is well-formed but its numbers cannot be read as floats.
  ///
  /// `supported`: the types of its file that can be.
  case unsupportedType(tensor: String, type: String, supported: String)
  /// The tensor holds an infinite number or one that is not a number.
  case notFinite(tensor: String)
}

extension TensorError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let tensor):
      "tensor \(quoted(tensor)) is missing; the file does not belong to this configuration"
    case .unexpected(let tensor):
      "tensor \(quoted(tensor)) has no place in the model; the file does not belong to this "
        + "configuration"
    case .unexpectedShape(let tensor, let expected, let found):
      "tensor \(quoted(tensor)) has the shape \(found), expected \(expected); the file does not "
        + "belong to this configuration"
    case .unsupportedType(let tensor, let type, let supported):
      "tensor \(quoted(tensor)) is \(type); only \(supported) are read as floats"
    case .notFinite(let tensor):
      "tensor \(quoted(tensor)) holds infinite numbers or NaN: the training diverged or the file "
        + "is damaged; use an earlier checkpoint"
    }
  }
}
