import Foundation
import Kernels
import Support

/// A GGUF file, open for reading: the metadata and tensors of a model as llama.cpp stores them.
///
/// Its header is read and every size checked against the file before any memory is set aside for a
/// tensor; no file, however damaged, stops the process. The format is described at
/// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
public struct GGUF: Sendable {
  /// One tensor as the header describes it.
  public struct Tensor: Equatable, Sendable {
    public let name: String
    /// Sizes as PyTorch orders them: the last is contiguous in memory. (GGUF has them reversed.)
    public let shape: [Int]
    public let type: TensorType
    /// Its bytes in the file.
    public let byteRange: Range<Int>

    /// Numbers in it.
    public var count: Int { shape.reduce(1, *) }
  }

  /// The settings of the model and its tokenizer.
  public let metadata: [String: Value]
  /// Every tensor, in the order of the header.
  public let tensors: [Tensor]
  private let file: InputFile
  private let indices: [String: Int]

  /// The file.
  public var url: URL { file.url }

  /// Opens a file and reads its header.
  ///
  /// - Throws: `GGUFError` for the rule that the file breaks; `FileError` if it cannot be read.
  public init(contentsOf url: URL) throws {
    file = try InputFile(url)
    let header = try GGUFHeader(of: file)
    metadata = header.metadata
    tensors = header.tensors
    indices = Dictionary(
      zip(tensors.map(\.name), tensors.indices), uniquingKeysWith: { first, _ in first })
  }

  /// Whether a file begins as GGUF files do.
  public static func isGGUF(_ url: URL) -> Bool {
    guard let file = try? InputFile(url), file.size >= 4 else { return false }
    return (try? file.bytes(count: 4, at: 0)) == Array("GGUF".utf8)
  }

  /// The tensor of that name; nil where there is none.
  public func tensor(named name: String) -> Tensor? { indices[name].map { tensors[$0] } }

  /// Reads one tensor as float32 into `destination`, dequantised where it is quantised.
  ///
  /// - Throws: `GGUFError` if there is none of that name or its count is not that of `destination`;
  ///   `FileError` if the file cannot be read.
  public func floats(named name: String, into destination: Floats) throws {
    guard let tensor = tensor(named: name) else { throw GGUFError.missingTensor(name) }
    guard tensor.count == destination.count else {
      throw GGUFError.unexpectedShape(
        tensor: name, expected: [destination.count], found: tensor.shape)
    }
    if tensor.type == .f32 {
      try destination.withMutableBytes { try file.read(into: $0, at: tensor.byteRange.lowerBound) }
      return
    }
    // A number of blocks at a time, so that the bytes are never all in memory beside the floats.
    let (blockSize, blockBytes) = (tensor.type.blockSize, tensor.type.blockBytes)
    let blocks = tensor.count / blockSize
    let step = max(1, (1 << 16) / blockBytes)
    var bytes = [UInt8](repeating: 0, count: min(blocks, step) * blockBytes)
    for first in stride(from: 0, to: blocks, by: step) {
      let count = min(step, blocks - first)
      try bytes.withUnsafeMutableBytes {
        try file.read(
          into: .init(rebasing: $0[..<(count * blockBytes)]),
          at: tensor.byteRange.lowerBound + first * blockBytes)
      }
      tensor.type.dequantise(
        bytes[..<(count * blockBytes)],
        into: destination.slice(first * blockSize, count * blockSize))
    }
  }
}

extension GGUF {
  /// A value of the metadata.
  public enum Value: Equatable, Sendable {
    case integer(Int)
    /// Larger than any `Int`.
    case unsigned(UInt64)
    case number(Double)
    case boolean(Bool)
    case string(String)
    case integers([Int])
    case numbers([Double])
    case booleans([Bool])
    case strings([String])
  }

  /// A whole number.
  ///
  /// - Throws: `GGUFError` where it is something else; nil where the key is missing.
  public func integer(_ key: String) throws -> Int? {
    guard let value = metadata[key] else { return nil }
    guard case .integer(let number) = value else {
      throw GGUFError.wrongValue(key: key, expected: "a whole number")
    }
    return number
  }

  /// A number.
  public func number(_ key: String) throws -> Double? {
    switch metadata[key] {
    case nil: return nil
    case .number(let number)?: return number
    case .integer(let number)?: return Double(number)
    default: throw GGUFError.wrongValue(key: key, expected: "a number")
    }
  }

  /// A text.
  public func string(_ key: String) throws -> String? {
    guard let value = metadata[key] else { return nil }
    guard case .string(let text) = value else {
      throw GGUFError.wrongValue(key: key, expected: "a text")
    }
    return text
  }

  /// True or false.
  public func boolean(_ key: String) throws -> Bool? {
    guard let value = metadata[key] else { return nil }
    guard case .boolean(let flag) = value else {
      throw GGUFError.wrongValue(key: key, expected: "true or false")
    }
    return flag
  }

  /// A list of texts.
  public func strings(_ key: String) throws -> [String]? {
    guard let value = metadata[key] else { return nil }
    guard case .strings(let list) = value else {
      throw GGUFError.wrongValue(key: key, expected: "a list of texts")
    }
    return list
  }

  /// A list of whole numbers.
  public func integers(_ key: String) throws -> [Int]? {
    guard let value = metadata[key] else { return nil }
    guard case .integers(let list) = value else {
      throw GGUFError.wrongValue(key: key, expected: "a list of whole numbers")
    }
    return list
  }
}
