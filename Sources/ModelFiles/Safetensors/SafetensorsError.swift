import Support

/// A rule of the safetensors format that a file breaks.
///
/// The rules are those of https://github.com/huggingface/safetensors (`safetensors/src/tensor.rs`).
public enum SafetensorsError: Error, Equatable {
  /// The header claims more than 100 MB.
  case headerTooLarge(UInt64)
  /// The file ends before the data that its header describes.
  case fileTooShort(needed: UInt64, actual: UInt64)
  case headerNotAnObject
  case invalidUTF8
  /// `position` is the byte of the header.
  case invalidJSON(position: Int, reason: String)
  case duplicateKey(String)
  case missingField(tensor: String, field: String)
  case unknownType(tensor: String, type: String)
  case negativeShape(tensor: String)
  /// The product of the shape and the type's size does not fit in 63 bits.
  case shapeOverflow(tensor: String)
  /// Offsets that are not two numbers in rising order.
  case invalidOffsets(tensor: String)
  /// Bytes before this tensor belong to no tensor.
  case hole(tensor: String, expected: Int, found: Int)
  /// The tensor begins inside the one before it.
  case overlap(tensor: String, expected: Int, found: Int)
  /// Shape and type need another number of bytes than the offsets span.
  case sizeMismatch(tensor: String, needed: Int, found: Int)
  /// Bytes after the last tensor belong to no tensor.
  case trailingBytes(Int)
  /// `__metadata__` cannot name a tensor.
  case reservedName
}

extension SafetensorsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .headerTooLarge(let length):
      "its header claims \(length) bytes, more than 100 MB; this is not a safetensors file or a "
        + "damaged one"
    case .fileTooShort(let needed, let actual):
      "is truncated: it has \(actual) bytes and should have \(needed) at least; copy or download "
        + "it again"
    case .headerNotAnObject:
      "its header does not begin with '{'; this is not a safetensors file or a damaged one"
    case .invalidUTF8: "its header is not valid UTF-8; copy or download it again"
    case .invalidJSON(let position, let reason):
      "its header is not valid at byte \(position): \(reason); write the file again"
    case .duplicateKey(let key):
      "its header holds the key \(quoted(key)) twice; write the file again with each name once"
    case .missingField(let tensor, let field):
      "tensor \(quoted(tensor)) has no \(field); write the file again"
    case .unknownType(let tensor, let type):
      "tensor \(quoted(tensor)) has the unknown type \(quoted(type)); write it as F32"
    case .negativeShape(let tensor):
      "tensor \(quoted(tensor)) has a negative size in its shape; write the file again"
    case .shapeOverflow(let tensor):
      "tensor \(quoted(tensor)) has a shape too large to count; write the file again"
    case .invalidOffsets(let tensor):
      "tensor \(quoted(tensor)) has offsets that are not two rising numbers; write the file again"
    case .hole(let tensor, let expected, let found):
      "tensor \(quoted(tensor)) begins at \(found) and leaves a hole from \(expected); write the "
        + "file again"
    case .overlap(let tensor, let expected, let found):
      "tensor \(quoted(tensor)) begins at \(found) and overlaps the one before it, which ends at "
        + "\(expected); write the file again"
    case .sizeMismatch(let tensor, let needed, let found):
      "tensor \(quoted(tensor)) needs \(needed) bytes by its shape and type but has \(found); "
        + "write the file again"
    case .trailingBytes(let count):
      "has \(count) bytes after its last tensor; copy or download it again"
    case .reservedName: "a tensor cannot be named \"__metadata__\"; rename it"
    }
  }
}
