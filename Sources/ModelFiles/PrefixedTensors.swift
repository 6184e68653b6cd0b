import Foundation
import Kernels
import Support
import Transformer

/// The tensors of a file under the names of the whole model: some files hold its body alone, whose
/// names lack the first part ("layers.0…" for "model.layers.0…").
struct PrefixedTensors: TensorSource {
  private let base: any TensorSource
  /// The name in the file of each tensor whose name differs there.
  private let names: [String: String]

  /// What wrappers of training put before all names, and where it comes from.
  private static let wrappers = [
    ("_orig_mod.", "torch.compile"), ("module.", "DistributedDataParallel"),
    ("_fsdp_wrapped_module.", "FSDP"), ("base_model.model.", "PEFT"),
  ]

  /// - Throws: `FileError` if a wrapper's names were saved.
  init(_ base: any TensorSource, _ family: ModelFamily) throws {
    self.base = base
    let present = base.tensorNames
    for (prefix, wrapper) in Self.wrappers {
      guard let name = present.filter({ $0.hasPrefix(prefix) }).min() else { continue }
      throw FileError(
        base.url,
        "holds \(quoted(name)): it was saved from within \(wrapper), so that all names begin with "
          + "\(quoted(prefix)); save the model itself, or take that part off every name")
    }
    guard !family.prefix.isEmpty, !present.contains(where: { $0.hasPrefix(family.prefix) }) else {
      names = [:]
      return
    }
    names = Dictionary(
      present.filter { $0 != family.tiedHead }.map { (family.prefix + $0, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  private func own(_ name: String) -> String { names[name] ?? name }

  var url: URL { base.url }
  var tensorNames: [String] {
    let renamed = Set(names.values)
    return base.tensorNames.filter { !renamed.contains($0) } + names.keys
  }
  func file(ofTensor name: String) -> URL { base.file(ofTensor: own(name)) }
  func shape(ofTensor name: String) throws -> [Int] { try base.shape(ofTensor: own(name)) }
  func checkType(ofTensor name: String) throws { try base.checkType(ofTensor: own(name)) }
  func readFloats(ofTensor name: String, into destination: Floats) throws {
    try base.readFloats(ofTensor: own(name), into: destination)
  }
}
