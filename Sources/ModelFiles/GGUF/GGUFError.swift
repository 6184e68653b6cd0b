import Support

/// Which rule of the GGUF format a file breaks, or what it holds that cannot be read.
public enum GGUFError: Error, Equatable, Sendable {
  case notGGUF
  case unsupportedVersion(UInt32)
  /// The header goes on past the end of the file.
  case truncated
  case tooMany(String, count: UInt64, limit: Int)
  case invalidUTF8
  case duplicateKey(String)
  case unknownValueType(key: String, type: UInt32)
  case nestedTooDeep(key: String)
  case badAlignment(Int)
  case unsupportedTensorType(tensor: String, type: UInt32)
  case badShape(tensor: String)
  case misaligned(tensor: String, offset: UInt64)
  case outOfBounds(tensor: String)
  case overlap(tensor: String, other: String)
  case missingTensor(String)
  case unexpectedShape(tensor: String, expected: [Int], found: [Int])
  case missingKey(String)
  case wrongValue(key: String, expected: String)
  /// A number does not fit the type in which it should be written.
  case tooLarge(tensor: String, type: String)
}

extension GGUFError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notGGUF: "is not a GGUF file: it does not begin with \"GGUF\""
    case .unsupportedVersion(let version):
      "is GGUF of version \(version); versions 2 and 3 in little-endian order are read"
    case .truncated: "ends before its header does; download it again"
    case .tooMany(let what, let count, let limit):
      "says it has \(count) \(what); at most \(limit) are read"
    case .invalidUTF8: "holds a name or text that is not UTF-8; download it again"
    case .duplicateKey(let key): "has \(quoted(key)) twice"
    case .unknownValueType(let key, let type):
      "\(quoted(key)) has a value of the unknown type \(type)"
    case .nestedTooDeep(let key): "\(quoted(key)) is a list of lists, which is not read"
    case .badAlignment(let alignment):
      "general.alignment is \(alignment); it must be a power of two from 1 to 65536"
    case .unsupportedTensorType(let tensor, let type):
      "tensor \(quoted(tensor)) is of the type \(GGUF.TensorType.name(type)), which is not read; "
        + "there are \(GGUF.TensorType.allCases.map(\.name).joined(separator: ", "))"
    case .badShape(let tensor):
      "tensor \(quoted(tensor)) has a shape that does not fit its type or is too large"
    case .misaligned(let tensor, let offset):
      "tensor \(quoted(tensor)) begins at \(offset), which is not a multiple of the alignment"
    case .outOfBounds(let tensor):
      "tensor \(quoted(tensor)) goes on past the end of the file; download it again"
    case .overlap(let tensor, let other):
      "tensors \(quoted(other)) and \(quoted(tensor)) overlap"
    case .missingTensor(let name): "lacks the tensor \(quoted(name))"
    case .unexpectedShape(let tensor, let expected, let found):
      "tensor \(quoted(tensor)) has the shape \(found) instead of \(expected)"
    case .missingKey(let key): "lacks the key \(quoted(key))"
    case .wrongValue(let key, let expected): "\(quoted(key)) is not \(expected)"
    case .tooLarge(let tensor, let type):
      "tensor \(quoted(tensor)) holds a number that is too large for \(type); write it as f32"
    }
  }
}
