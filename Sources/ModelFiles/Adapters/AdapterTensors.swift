import Kernels
import Support
import Transformer

/// The tensors of an adapter's file: for each matrix that it changes its A and B.
struct AdapterTensors {
  /// One matrix, by the names and shapes of its two tensors.
  struct Pair {
    let a, b: String
    let rank: Int
  }

  /// What PEFT puts before the names of the model's own modules.
  static let prefix = "base_model.model."

  /// By the name of the matrix.
  private(set) var pairs: [String: Pair] = [:]

  /// Finds the tensors and checks that they fit the model.
  ///
  /// - Parameters:
  ///   - family: that of the model.
  ///   - matrices: those of the model that an adapter may change.
  /// - Throws: `ConfigurationError` or `TensorError` naming the tensor that does not fit.
  init(
    _ source: any TensorSource, family: ModelFamily, matrices: [AdapterSettings.Matrix]
  ) throws {
    var found: [String: (a: String?, b: String?)] = [:]
    for name in source.tensorNames.sorted() {
      guard let (matrix, isA) = Self.parts(of: name) else { throw Self.refusal(name, family) }
      let other = isA ? found[matrix]?.a : found[matrix]?.b
      if let other {
        throw ConfigurationError("holds both \(quoted(other)) and \(quoted(name)); remove one")
      }
      if isA {
        found[matrix, default: (nil, nil)].a = name
      } else {
        found[matrix, default: (nil, nil)].b = name
      }
    }
    let known = Dictionary(uniqueKeysWithValues: matrices.map { ($0.name, $0) })
    for (name, tensors) in found.sorted(by: { $0.key < $1.key }) {
      guard let matrix = known[name] else {
        throw Self.refusal(tensors.a ?? tensors.b ?? name, family)
      }
      guard let a = tensors.a, let b = tensors.b else {
        throw TensorError.missing(
          "\(Self.prefix)\(name).\(tensors.a == nil ? "lora_A" : "lora_B").weight")
      }
      let shapes = (a: try source.shape(ofTensor: a), b: try source.shape(ofTensor: b))
      let rank = shapes.a.first ?? 0
      for (tensor, shape, expected) in [
        (a, shapes.a, [rank, matrix.inputs]), (b, shapes.b, [matrix.outputs, rank]),
      ] {
        guard shape == expected, rank > 0 else {
          throw TensorError.unexpectedShape(tensor: tensor, expected: expected, found: shape)
        }
        try source.checkType(ofTensor: tensor)
      }
      pairs[name] = Pair(a: a, b: b, rank: rank)
    }
    guard !pairs.isEmpty else { throw ConfigurationError("holds no tensors of an adapter") }
  }

  /// The matrix that a tensor belongs to, and whether it is A; nil for all other tensors.
  private static func parts(of name: String) -> (matrix: String, isA: Bool)? {
    guard name.hasPrefix(prefix) else { return nil }
    for (part, isA) in [("lora_A", true), ("lora_B", false)] {
      // Some tools save the name of the adapter too.
      for ending in [".\(part).weight", ".\(part).default.weight"] where name.hasSuffix(ending) {
        return (String(name.dropFirst(prefix.count).dropLast(ending.count)), isA)
      }
    }
    return nil
  }

  private static func refusal(_ name: String, _ family: ModelFamily) -> ConfigurationError {
    let embedding = [family.embedding, family.tiedHead].map { $0.replacing(".weight", with: "") }
    let what =
      if embedding.contains(where: { name.contains($0) }) || name.contains("lora_embedding") {
        "of the embedding or the head, which an adapter may not change here"
      } else if name.contains("lora_magnitude_vector") {
        "of DoRA, which is not supported"
      } else if name.hasSuffix(".bias") {
        "a bias, which an adapter may not have here"
      } else if parts(of: name) != nil {
        "of a matrix that the model does not have; is the adapter one of another model?"
      } else {
        "which is none of an adapter's A and B"
      }
    return ConfigurationError(
      "holds \(quoted(name)), \(what); merge the adapter into its model with PEFT's "
        + "merge_and_unload, and use the merged model")
  }
}
